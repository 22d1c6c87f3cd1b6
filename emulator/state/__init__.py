"""The state as one document, and snapshots of it."""
