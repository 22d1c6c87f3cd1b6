"""What AWS does not have: the clock, the trace, explanations, looks, waits, health and reset."""
