"""Polling: consumers of queues that gather what they receive into batches and have those handled."""
