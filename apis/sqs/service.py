"""The registry that the operations of SQS sign up in."""

from pocketbus.apis.service import Service

sqs = Service("sqs", __package__)
