"""The clock, and what is due when."""
