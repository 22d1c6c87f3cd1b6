"""Beside other emulators, one at a time: both asked for the same by 16 connections, in short slices that alternate.

How busy a machine is otherwise changes within seconds, so each slice is compared with its neighbour.
`make bench-rivals` builds goaws from its Go module and fetches ElasticMQ, without topics, by Maven. All are asked
in the query protocol, as goaws knows no other. moto is measured in process, as boto3 sees it: its server closes each
connection after one answer, and with sixteen of them answers next to nothing.
"""

import asyncio
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlencode

import uvloop

from scripts.ports import free_port
from tests.bench import bench_cycles
from tests.bench.load import Caller, Conversation, always, drive
from tests.bench.processes import ROOT, cpu_seconds, pocketbus, wait_until_answered
from tests.children import started

GOAWS = ROOT / ".venv" / "rivals" / "goaws"
ELASTICMQ = ROOT / ".venv" / "rivals" / "elasticmq"
SLICES = 24
SLICE_SECONDS = 0.25
QUEUES = 10
DEPTH = 10_000
WAKE_UPS = 30
BODY = "x" * 200
ACCOUNT = "000000000000"
_HANDLE = re.compile(rb"<ReceiptHandle>(.*?)</ReceiptHandle>")


@dataclass
class Rival:
    """One server, and its answers in each slice of each kind of work."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    has_topics: bool = True
    answers: dict[str, list[int]] = field(default_factory=dict)
    costs: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of processor time for an answer."""
    wake_up_seconds: float = 0.0


def main() -> int:
    found = [start for place, start in ((GOAWS, _goaws), (ELASTICMQ, _elasticmq)) if place.exists()]
    if not found:
        print("There is no other emulator: goaws takes Go to be built, ElasticMQ Maven to be fetched.")
        return 1
    for start in found:  # one at a time: a server that has nothing to do takes a little of the machine, too
        with _pocketbus() as ours, start() as other:
            uvloop.run(_measure(ours, other))
    for row in bench_cycles.rows():
        print(f"{row.what}: {row.measured:.2f}")
    return 0


@contextmanager
def _pocketbus() -> Iterator[Rival]:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)
        yield Rival("pocketbus", port, process)


@contextmanager
def _goaws() -> Iterator[Rival]:
    port = free_port()
    with TemporaryDirectory() as folder:
        configuration = Path(folder) / "goaws.yaml"
        configuration.write_text(
            f"Local:\n  Host: 127.0.0.1\n  Port: {port}\n  Region: us-east-1\n  AccountId: '{ACCOUNT}'\n"
        )
        with started([str(GOAWS), "-config", str(configuration), "Local"], **_QUIET) as process:
            wait_until_answered(port, "/health")
            yield Rival("goaws", port, process)


@contextmanager
def _elasticmq() -> Iterator[Rival]:
    port = free_port()
    settings = {
        "rest-sqs.bind-hostname": "127.0.0.1",
        "rest-sqs.bind-port": port,
        "node-address.host": "127.0.0.1",
        "node-address.port": port,
        "rest-stats.enabled": "false",
    }
    given = [f"-D{name}={value}" for name, value in settings.items()]
    command = ["java", *given, "-cp", f"{ELASTICMQ}/*", "org.elasticmq.server.Main"]
    with started(command, **_QUIET) as process:
        wait_until_answered(port, "/")
        yield Rival("ElasticMQ", port, process, has_topics=False)


_QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


async def _measure(ours: Rival, other: Rival) -> None:
    """Ask both for all that the other one can do."""
    rivals = [ours, other]
    queues = {rival.name: _create_queues(rival) for rival in rivals}
    topics = {rival.name: _create_topic(rival) for rival in rivals} if other.has_topics else {}

    def works(rival: Rival) -> dict[str, Callable[[], Conversation]]:
        sent, cycled, deep = queues[rival.name]
        send = _form("sqs", Action="SendMessage", QueueUrl=sent, MessageBody=BODY)
        plain: dict[str, Callable[[], Conversation]] = {
            "SendMessage": lambda: always(send),
            "send, receive, delete": lambda: _cycle(cycled),
            f"the same among {DEPTH:,} messages": lambda: _cycle(deep),
        }
        if not topics:
            return plain
        publish = _form("sns", Action="Publish", TopicArn=topics[rival.name], Message=BODY)
        return {**plain, f"Publish to {QUEUES} queues": lambda: always(publish)}

    for rival in rivals:
        for queue in (queues[rival.name][0], queues[rival.name][2]):
            await _fill(rival, queue)
    asked = {rival.name: works(rival) for rival in rivals}
    for slice_number in range(SLICES):
        for name in asked[ours.name]:
            for rival in rivals if slice_number % 2 else rivals[::-1]:
                before = cpu_seconds(rival.process)
                answered = await drive(rival.port, asked[rival.name][name], seconds=SLICE_SECONDS)
                rival.answers.setdefault(name, []).append(answered)
                rival.costs.setdefault(name, []).append((cpu_seconds(rival.process) - before) / answered)
    for rival in rivals:
        rival.wake_up_seconds = await _wake_up(rival)
    _print(ours, other)


def _print(ours: Rival, other: Rival) -> None:
    print(f"how many times as fast as {other.name}")
    for name, answers in ours.answers.items():
        _print_row(name, _times(answers, other.answers[name]))
    for name, costs in ours.costs.items():
        _print_row(f"{name}, by processor time", _times(other.costs[name], costs))
    _print_row("from a send to the waiting receiver", other.wake_up_seconds / ours.wake_up_seconds)


def _times(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return how many times as much the one is, slice by slice."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def _print_row(name: str, ratio: float) -> None:
    print(f"{name:<52}{ratio:>8.2f}")


def _cycle(queue: str) -> Conversation:
    send = _form("sqs", Action="SendMessage", QueueUrl=queue, MessageBody=BODY)
    receive = _form("sqs", Action="ReceiveMessage", QueueUrl=queue)
    while True:
        yield send
        received = yield receive
        handle = _HANDLE.search(received)
        if handle is not None:
            text = unescape(handle[1].decode())
            yield _form("sqs", Action="DeleteMessage", QueueUrl=queue, ReceiptHandle=text)


async def _fill(rival: Rival, queue: str) -> None:
    """Have a queue hold some messages from the beginning."""
    caller = await Caller.open(rival.port)
    for _ in range(DEPTH):
        await caller.ask(_form("sqs", Action="SendMessage", QueueUrl=queue, MessageBody=BODY))
    caller.close()


async def _wake_up(rival: Rival) -> float:
    """Return the median of seconds between the answer to a send and that to the receive that waited for it."""
    queue = _create_queue(rival, "woken")
    receiver, sender = await Caller.open(rival.port), await Caller.open(rival.port)
    receive = _form("sqs", Action="ReceiveMessage", QueueUrl=queue, WaitTimeSeconds="5")
    send = _form("sqs", Action="SendMessage", QueueUrl=queue, MessageBody=BODY)
    took = []
    for _ in range(WAKE_UPS):
        waiting = receiver.ask(receive)
        await asyncio.sleep(0.05)
        began = perf_counter()
        await sender.ask(send)
        await waiting
        took.append(perf_counter() - began)
    return median(took)


def _create_queues(rival: Rival) -> tuple[str, str, str]:
    return _create_queue(rival, "sent"), _create_queue(rival, "cycled"), _create_queue(rival, "deep")


def _create_queue(rival: Rival, name: str) -> str:
    _ask(rival, "sqs", Action="CreateQueue", QueueName=name)
    return f"http://127.0.0.1:{rival.port}/{ACCOUNT}/{name}"


def _create_topic(rival: Rival) -> str:
    topic = re.search(r"<TopicArn>(.*?)</TopicArn>", _ask(rival, "sns", Action="CreateTopic", Name="topic"))
    assert topic is not None
    for number in range(QUEUES):
        _create_queue(rival, f"of-topic-{number}")
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:of-topic-{number}"
        _ask(rival, "sns", Action="Subscribe", TopicArn=topic[1], Protocol="sqs", Endpoint=arn)
    return topic[1]


def _ask(rival: Rival, service: str, **members: str) -> str:
    head, _, body = _form(service, **members).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines if not line.startswith("Content-Length"))
    request = urllib.request.Request(f"http://127.0.0.1:{rival.port}/", body, headers)
    with urllib.request.urlopen(request) as answer:
        text: str = answer.read().decode()
        return text


def _form(service: str, **members: str) -> bytes:
    version = "2012-11-05" if service == "sqs" else "2010-03-31"
    body = urlencode({**members, "Version": version}).encode()
    head = (
        "POST / HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        f"Authorization: AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/us-east-1/{service}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    sys.exit(main())
