"""What happened, what there is, why, and waiting for it."""
