"""The in-memory engine: plain synchronous state machines, one async shell around them."""
