"""Trouble on purpose: where faults strike, and what each does."""
