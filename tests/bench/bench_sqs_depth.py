"""What a deep queue costs: receive and delete with a million messages waiting, against a thousand."""

import gc
from statistics import median
from time import perf_counter

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from tests.bench.table import Row

SHALLOW, DEEP = 1_000, 1_000_000
GROUPS = 1_000
ROUNDS, BATCHES = 40, 50


def _filled(depth: int, *, fifo: bool) -> tuple[Engine, Queue]:
    engine = Engine(Config(seed=1))
    engine.clock.freeze()
    now = engine.clock.now()
    queue = engine.scope("000000000000", "us-east-1").sqs.create_queue("q", QueueSettings(fifo=fifo), {}, now)
    for number in range(depth):
        _send(queue, now, number, fifo=fifo)
    return engine, queue


def _send(queue: Queue, now: float, number: int, *, fifo: bool) -> None:
    group, unique = (f"group {number % GROUPS}", str(number)) if fifo else (None, None)
    queue.send(Text("body"), now, sender_id="1", group_id=group, deduplication_id=unique)


def _seconds(engine: Engine, queue: Queue) -> float:
    """Time receives of ten and their deletions; the queue is filled up again off the clock."""
    now = engine.clock.now()
    request = ReceiveRequest(10)
    started = perf_counter()
    for _ in range(BATCHES):
        for item in queue.receive(request, now):
            queue.delete(item.receipt_handle, now)
    return perf_counter() - started


def ratio(*, fifo: bool) -> float:
    """Return the speed of the deep queue as a share of the shallow one's, the rounds taken in turns."""
    queues = [_filled(depth, fifo=fifo) for depth in (SHALLOW, DEEP)]
    gc.collect()
    shares = []
    number = DEEP
    for _ in range(ROUNDS):
        shallow, deep = (_seconds(engine, queue) for engine, queue in queues)
        shares.append(shallow / deep)
        for _ in range(10 * BATCHES):
            number += 1
            for engine, queue in queues:
                _send(queue, engine.clock.now(), number, fifo=queue.settings.fifo)
    return median(shares)


def rows() -> list[Row]:
    return [
        Row(f"receive + delete at {DEEP:,} waiting, against {SHALLOW:,}, {kind}", ratio(fifo=fifo), 0.9)
        for kind, fifo in (("standard", False), ("FIFO", True))
    ]
