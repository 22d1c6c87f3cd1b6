"""Over HTTP: SendMessage and the whole cycle against the floor, the wake-up of a long poll, start-up, idle memory."""

import asyncio
import json
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop

from scripts.ports import free_port
from tests.bench.load import (
    Caller,
    Connection,
    Conversation,
    always,
    ask_late,
    ask_whole,
    drive,
    sqs_request,
)
from tests.bench.processes import (
    cpu_seconds,
    floor,
    pocketbus,
    resident_megabytes,
    wait_until_answered,
)
from tests.bench.table import Row

SLICES = 30
SLICE_SECONDS = 0.3
WAKE_UPS = 200
STARTS = 5
BODY = "x" * 200


def rows() -> list[Row]:
    return [*_throughput(), _start_up(), _idle_memory()]


def _throughput() -> list[Row]:
    floor_port, our_port = free_port(), free_port()
    with floor(floor_port) as floor_process, pocketbus(our_port) as our_process:
        wait_until_answered(our_port)
        wait_until_answered(floor_port)
        return uvloop.run(_measure(Served(floor_process, floor_port), Served(our_process, our_port)))


@dataclass
class Served:
    """A server and, for each slice of time, its answers and the processor time it took for one."""

    process: subprocess.Popen[bytes]
    port: int
    answers: list[int] = field(default_factory=list)
    ask: Callable[[Connection, bytes], None] = ask_whole
    costs: list[float] = field(default_factory=list)

    async def slice(self, conversation: Callable[[], Conversation], seconds: float = 1.0) -> None:
        before = cpu_seconds(self.process)
        self.answers.append(await drive(self.port, conversation, seconds=seconds, ask=self.ask))
        self.costs.append((cpu_seconds(self.process) - before) / self.answers[-1])

    def against(self, other: "Served") -> float:
        """Compare throughputs slice by slice, since the machine's own speed changes: the median of the ratios.

        Slices of two servers that are compared last equally long.
        """
        pairs = zip(self.answers, other.answers, strict=True)
        return statistics.median(ours / its for ours, its in pairs)

    def cost_against(self, other: "Served") -> float:
        """Compare processor times likewise: the client's and the network's share does not count.

        They are counted in ticks: a slice that got less than one on a busy machine tells nothing.
        """
        pairs = zip(self.costs, other.costs, strict=True)
        return statistics.median(ours / its for ours, its in pairs if its)


async def _measure(lowest: Served, ours: Served) -> list[Row]:
    cycling = Served(ours.process, ours.port)
    late = Served(ours.process, ours.port, ask=ask_late)
    send = sqs_request("SendMessage", QueueUrl=await _create_queue(ours.port), MessageBody=BODY)
    url = await _create_queue(ours.port, "cycle")
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        await lowest.slice(lambda: always(send), SLICE_SECONDS)
        await ours.slice(lambda: always(send), SLICE_SECONDS)
        await cycling.slice(lambda: _cycle(url), SLICE_SECONDS)
        await late.slice(lambda: always(send), SLICE_SECONDS)
    wake_up = await _wake_up(ours.port) * 1000
    return [
        Row("SendMessage, 16 connections, against the floor", ours.against(lowest), 0.7),
        Row(
            "the same in processor time for one, times the floor",
            ours.cost_against(lowest),
            1.4,
            at_least=False,
        ),
        Row("SendMessage, its body in a later segment, against whole", late.against(ours), 0.6),
        Row(
            "the same in processor time for one, times that of whole",
            late.cost_against(ours),
            1.6,
            at_least=False,
        ),
        Row(
            "each call of send, receive, delete, against the floor",
            cycling.against(lowest),
            0.6,
        ),
        Row("a send to the waiting receiver's answer, median", wake_up, 3, " ms", at_least=False),
    ]


def _cycle(url: str) -> Conversation:
    """Send a message, receive one, delete it, and again."""
    send = sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)
    receive = sqs_request("ReceiveMessage", QueueUrl=url)
    while True:
        yield send
        answer = yield receive
        (message,) = json.loads(answer)["Messages"]
        yield sqs_request("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


async def _create_queue(port: int, name: str = "bench") -> str:
    caller = await Caller.open(port)
    answer = json.loads(await caller.ask(sqs_request("CreateQueue", QueueName=name)))
    caller.close()
    url: str = answer["QueueUrl"]
    return url


async def _wake_up(port: int) -> float:
    url = await _create_queue(port, "wake-up")
    receiver, sender = await Caller.open(port), await Caller.open(port)
    receive = sqs_request("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
    send = sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)
    seconds = []
    for _ in range(WAKE_UPS):
        received = receiver.ask(receive)
        await asyncio.sleep(0.005)
        started = time.perf_counter()
        sent = sender.ask(send)
        await received
        seconds.append(time.perf_counter() - started)
        await sent
    receiver.close()
    sender.close()
    return statistics.median(seconds)


def _start_up() -> Row:
    seconds = []
    for _ in range(STARTS):
        port = free_port()
        started = time.perf_counter()
        with pocketbus(port):
            wait_until_answered(port)
            seconds.append(time.perf_counter() - started)
    return Row("command to first answered request, best of 5", min(seconds), 0.3, " s", at_least=False)


def _idle_memory() -> Row:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)
        return Row("resident memory, idle", resident_megabytes(process), 45, " MB", at_least=False)
