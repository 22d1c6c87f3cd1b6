"""A Dramatiq application on SQS with dead-letter queues; run as a program, it sends one message."""
# mypy: disable-error-code="import-not-found, untyped-decorator"
# ruff: noqa: T201

import sys
import time

import dramatiq
from dramatiq_sqs import SQSBroker

broker = SQSBroker(namespace="shop", dead_letter=True)
dramatiq.set_broker(broker)


@dramatiq.actor
def greet(name: str) -> None:
    print("hello", name, time.time(), flush=True)


@dramatiq.actor(max_retries=0)
def refuse(name: str) -> None:
    raise ValueError(name)


if __name__ == "__main__":
    actor, argument, delay_milliseconds = sys.argv[1:]
    broker.get_actor(actor).send_with_options(args=(argument,), delay=int(delay_milliseconds))
