"""The settings of one engine, read once and never changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Config:
    account: str = "000000000000"
    region: str = "us-east-1"
    seed: int | None = None
    trace_limit: int = 100_000
    """How many trace records are kept; the oldest give way."""
    strict: bool = False
    """Whether SQS's waits apply: 60 seconds between purges, and before a deleted queue's name can be used again."""
    sqs_endpoint_strategy: str = "dynamic"
    """The form of the queue URLs in answers: dynamic, standard, domain or path."""
