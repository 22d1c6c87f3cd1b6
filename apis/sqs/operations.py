"""The SQS service with every operation registered."""

from pocketbus.apis.sqs import batches, messages, queues, tags
from pocketbus.apis.sqs.service import sqs

__all__ = ["batches", "messages", "queues", "sqs", "tags"]
