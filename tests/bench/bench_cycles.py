"""boto3 sends, receives and deletes: in process, over HTTP, and in moto's in-process mode, side by side."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import boto3
from moto import mock_aws

from pocketbus import Emulator
from scripts.ports import free_port
from tests.bench.processes import pocketbus, wait_until_answered
from tests.bench.table import Row

SLICES = 9
SLICE_SECONDS = 0.7
BODY = "x" * 200

_CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
Cycle = Callable[[], None]
Way = Callable[[], AbstractContextManager[Cycle]]


def rows() -> list[Row]:
    return _table(*_measure(_in_process, _over_http, _by_moto))


def _measure(*ways: Way) -> list[list[float]]:
    """Return the cycles a second of each, slice by slice: they alternate, since the machine's own speed changes."""
    measured: list[list[float]] = [[] for _ in ways]
    for _ in range(SLICES):
        for one, way in zip(measured, ways, strict=True):
            with way() as cycle:  # one at a time: moto slows every client down while it is on
                one.append(_slice(cycle))
    return measured


def _slice(cycle: Cycle) -> float:
    cycle()
    count, started = 0, time.perf_counter()
    while (seconds := time.perf_counter() - started) < SLICE_SECONDS:
        cycle()
        count += 1
    return count / seconds


def _table(in_process: list[float], over_http: list[float], by_moto: list[float]) -> list[Row]:
    figures = " / ".join(f"{statistics.median(one):.0f}" for one in (in_process, over_http, by_moto))
    return [
        Row(
            f"boto3's cycles a second in process, over HTTP, moto: {figures}; times HTTP",
            _ratio(in_process, over_http),
            1,
        ),
        Row("boto3's cycles a second in process, times moto in process", _ratio(in_process, by_moto), 1),
    ]


def _ratio(ours: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))


@contextmanager
def _over_http() -> Iterator[Cycle]:
    port = free_port()
    with pocketbus(port):
        wait_until_answered(port)
        yield _cycle(boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{port}", **_CREDENTIALS))


@contextmanager
def _in_process() -> Iterator[Cycle]:
    with Emulator() as emulator:
        yield _cycle(emulator.client("sqs"))


@contextmanager
def _by_moto() -> Iterator[Cycle]:
    with mock_aws():
        yield _cycle(boto3.client("sqs", **_CREDENTIALS))


def _cycle(sqs: Any) -> Cycle:
    """Send a message, receive one, delete it."""
    url = sqs.create_queue(QueueName="cycles")["QueueUrl"]

    def cycle() -> None:
        sqs.send_message(QueueUrl=url, MessageBody=BODY)
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    return cycle
