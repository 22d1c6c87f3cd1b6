"""Over HTTP: SendMessage and the whole cycle against the floor, the wake-up of a long poll, start-up, idle memory."""

import asyncio
import json
import statistics
import time

import uvloop
from tests.bench.load import Caller, sqs_request, throughput
from tests.bench.processes import floor, free_port, pocketbus, resident_megabytes, wait_until_answered
from tests.bench.table import Row

SLICES = 6
WAKE_UPS = 200
STARTS = 5
BODY = "x" * 200


def rows() -> list[Row]:
    return [*_throughput(), _start_up(), _idle_memory()]


def _throughput() -> list[Row]:
    floor_port, our_port = free_port(), free_port()
    with floor(floor_port), pocketbus(our_port):
        wait_until_answered(our_port)
        wait_until_answered(floor_port)
        return uvloop.run(_measure(floor_port, our_port))


async def _measure(floor_port: int, our_port: int) -> list[Row]:
    url = await _create_queue(our_port)
    send = sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)
    floors, sends = [], []
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on both
        floors.append(await throughput(floor_port, send))
        sends.append(await throughput(our_port, send))
    return [
        Row("SendMessage, 16 connections, against the floor", max(sends) / max(floors), 0.7),
        Row("a send to the waiting receiver's answer, median", await _wake_up(our_port) * 1000, 3, " ms", at_least=False),
    ]


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
    return Row("command to first answered request, best of 5", min(seconds), 0.5, " s", at_least=False)


def _idle_memory() -> Row:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)
        return Row("resident memory, idle", resident_megabytes(process), 60, " MB", at_least=False)
