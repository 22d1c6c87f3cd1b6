"""EventBridge Pipes on the wire."""
