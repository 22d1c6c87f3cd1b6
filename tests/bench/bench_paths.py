"""Without HTTP: what the operations on messages cost, as times of a SendMessage."""

import asyncio
from statistics import median
from time import process_time

from tests.bench.paths import Paths
from tests.bench.table import Row

SLICES = 40
SLICE = {"Publish to 10 queues": 30}
SLICE_OTHERWISE = 100


def rows() -> list[Row]:
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    works = Paths().works
    costs: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        for name, work in works.items():
            times = SLICE.get(name, SLICE_OTHERWISE)
            began = process_time()
            for _ in range(times):
                work()
            costs[name].append((process_time() - began) / times)

    def times_send(name: str, less: str | None = None, part: int = 1) -> float:
        """Compare slice by slice: what one costs, or what a part of it costs beyond another."""
        without = costs[less] if less else [0.0] * SLICES
        pairs = zip(costs[name], without, costs["SendMessage"], strict=True)
        return median((cost - other) / part / send for cost, other, send in pairs)

    return [
        Row(f"{what}, times SendMessage", times_send(*of), budget, at_least=False)
        for what, budget, of in (
            ("SendMessageBatch of ten, for each", 0.7, ("SendMessageBatch of ten", None, 10)),
            ("ReceiveMessage of ten, for each", 0.6, ("ReceiveMessage of ten", None, 10)),
            ("Publish to no queue", 1.5, ("Publish to 0 queues",)),
            ("Publish to 1 queue", 1.5, ("Publish to 1 queue",)),
            ("Publish, each further queue", 0.19, ("Publish to 10 queues", "Publish to 1 queue", 9)),
            ("PutEvents without a rule", 2.0, ("PutEvents without a rule",)),
            (
                "PutEvents, each rule that matches",
                0.4,
                ("PutEvents with 10 matching rules", "PutEvents without a rule", 10),
            ),
            (
                "PutEvents, each KB of detail",
                0.4,
                ("PutEvents with 10 KB of detail", "PutEvents without a rule", 10),
            ),
        )
    ]
