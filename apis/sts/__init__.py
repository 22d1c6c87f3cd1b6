"""AWS STS on the wire."""
