"""What AWS does not have: health and reset."""
