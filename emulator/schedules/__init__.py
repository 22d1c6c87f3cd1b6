"""EventBridge Scheduler's schedules and their groups: what is invoked, and when."""
