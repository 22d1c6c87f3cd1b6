"""Without HTTP: what the operations on messages cost, as times of the floor and of a SendMessage.

Most budgets are times of the floor, which stays as it is: were they times of a SendMessage, to make that faster would
be to miss all others. It took 2.4 of the floor when they were set.
"""

import asyncio
import json
from statistics import median
from time import process_time

from tests.bench.floor import answer
from tests.bench.paths import BODY, Paths
from tests.bench.table import Row

SLICES = 40
SLICE = {"Publish to 10 queues": 30}
SLICE_OTHERWISE = 100
FLOOR = "floor"

SEND = "SendMessage"
Cost = tuple[str, str | None, int]
"""A work, another one that it is less by, and of how many parts it is one."""

COSTS: dict[str, tuple[float, Cost]] = {
    "SendMessage": (2.4, (SEND, None, 1)),
    "SendMessageBatch of ten, for each": (1.5, ("SendMessageBatch of ten", None, 10)),
    "ReceiveMessage of ten, for each": (1.5, ("ReceiveMessage of ten", None, 10)),
    "Publish to no queue": (3.6, ("Publish to 0 queues", None, 1)),
    "Publish to 1 queue": (3.6, ("Publish to 1 queue", None, 1)),
    "Publish, each further queue": (0.44, ("Publish to 10 queues", "Publish to 1 queue", 9)),
    "PutEvents without a rule": (4.8, ("PutEvents without a rule", None, 1)),
    "PutEvents, each rule that matches": (
        1.0,
        ("PutEvents with 10 matching rules", "PutEvents without a rule", 10),
    ),
    "PutEvents, each KB of detail": (1.0, ("PutEvents with 10 KB of detail", "PutEvents without a rule", 10)),
}

IN_SENDS = {"Publish to 1 queue": 1.5, "PutEvents without a rule": 2.0}
"""The times of a SendMessage that some may take at most; of the others it is only told."""


def rows() -> list[Row]:
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    request = json.dumps(
        {"QueueUrl": "http://localhost:4566/000000000000/sent", "MessageBody": BODY}
    ).encode()
    works = {FLOOR: lambda: answer(request), **Paths().works}
    costs: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        for name, work in works.items():
            rounds = SLICE.get(name, SLICE_OTHERWISE)
            began = process_time()
            for _ in range(rounds):
                work()
            costs[name].append((process_time() - began) / rounds)

    def times(unit: str, cost: Cost) -> float:
        """Compare slice by slice: what one costs, or what a part of it costs beyond another."""
        name, less, parts = cost
        without = costs[less] if less else [0.0] * SLICES
        pairs = zip(costs[name], without, costs[unit], strict=True)
        return median((one - other) / parts / unit_cost for one, other, unit_cost in pairs)

    return [
        *(
            Row(f"{what}, times the floor", times(FLOOR, cost), budget, at_least=False)
            for what, (budget, cost) in COSTS.items()
        ),
        *(
            Row(f"{what}, times SendMessage", times(SEND, cost), IN_SENDS.get(what), at_least=False)
            for what, (_, cost) in COSTS.items()
            if what != SEND
        ),
    ]
