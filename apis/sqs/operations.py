"""The SQS service with every operation registered."""

from pocketbus.apis.sqs import batches, move_tasks, permissions, queues, receiving, sending, tags
from pocketbus.apis.sqs.service import sqs

__all__ = ["batches", "move_tasks", "permissions", "queues", "receiving", "sending", "sqs", "tags"]
