"""Queues: the messages of each in their three states, their order, their receipts, who waits for them."""
