"""Logs: what is only ever added to and kept for a time, by position and by instant."""
