"""A small shop on SQS and EventBridge."""
