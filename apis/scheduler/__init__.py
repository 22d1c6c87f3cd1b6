"""EventBridge Scheduler on the wire."""
