"""Draws docs/speed.svg: how costs grow with connections, depth, queues, subscribers, rules and the size of messages.

`make curves` measures and writes it, with the table of docs/SPEED.md between its marks. Each curve is relative to its
first point, all points of one curve in slices that alternate, so that the machine's own speed does not count.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from math import log10
from statistics import median
from time import process_time
from typing import NamedTuple

import uvloop

from scripts.ports import free_port
from tests.bench.load import Caller, always, drive, sqs_request
from tests.bench.paths import BODY, Paths
from tests.bench.processes import ROOT, pocketbus, wait_until_answered

SLICES = 15
SLICE_SECONDS = 0.02
PICTURE = ROOT / "docs" / "speed.svg"
PAGE = ROOT / "docs" / "SPEED.md"
BEGIN, END = "<!-- curves -->\n", "<!-- end of curves -->\n"


class Curve(NamedTuple):
    """What is measured, over what, and its points: so many of it, and the cost as times of the first."""

    title: str
    over: str
    points: Sequence[tuple[int, float]]


Work = Callable[[], object]


def main() -> None:
    curves = [
        _connections(),
        asyncio.run(_of("receive and delete of one message", "messages waiting", _depths)),
        asyncio.run(_of("SendMessage, to one after the other", "queues", _queues)),
        asyncio.run(_of("Publish, for each delivery", "subscribed queues", _subscribers)),
        asyncio.run(_of("PutEvents, one rule matches", "rules", _rules)),
        asyncio.run(_of("SendMessage", "bytes of the body", _sizes)),
    ]
    PICTURE.write_text(drawn(curves), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{tabled(curves)}{END}{rest.partition(END)[2]}", encoding="utf-8")


# What is measured


def _connections() -> Curve:
    """Measure over HTTP; the cost is the time that goes by for each answer, whichever connection it is for."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/000000000000/sent"
    request = sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)

    async def measure() -> dict[int, list[float]]:
        caller = await Caller.open(port)
        await caller.ask(sqs_request("CreateQueue", QueueName="sent"))
        caller.close()
        seconds: dict[int, list[float]] = {}
        for _ in range(SLICES):
            for count in (16, 1, 4, 64, 250, 1000):
                answers = await drive(port, lambda: always(request), connections=count, seconds=0.3)
                seconds.setdefault(count, []).append(0.3 / answers)
        return seconds

    with pocketbus(port):
        wait_until_answered(port)
        seconds = uvloop.run(measure())
    return Curve(
        "SendMessage over HTTP, for each answer", "connections", _relative(dict(sorted(seconds.items())))
    )


async def _of(title: str, over: str, works: Callable[[Paths], Iterable[tuple[int, int, Work]]]) -> Curve:
    """Measure works, each of a number of something and itself of so many parts."""
    made = list(works(Paths()))
    seconds: dict[int, list[float]] = {count: [] for count, _, _ in made}
    for _ in range(SLICES):
        for count, parts, work in made:
            seconds[count].append(_seconds(work) / parts)
    return Curve(title, over, _relative(seconds))


def _seconds(work: Work) -> float:
    times, began = 0, process_time()
    while (took := process_time() - began) < SLICE_SECONDS:
        work()
        times += 1
    return took / times


def _relative(seconds: Mapping[int, list[float]]) -> list[tuple[int, float]]:
    first = next(iter(seconds.values()))
    return [
        (count, median(one / other for one, other in zip(slices, first, strict=True)))
        for count, slices in seconds.items()
    ]


def _depths(paths: Paths) -> Iterable[tuple[int, int, Work]]:
    for depth in (1_000, 10_000, 100_000, 1_000_000):
        queue = paths.queue(f"depth-{depth}")
        send = paths.sending(queue, BODY)
        for _ in range(depth):
            send()
        yield depth, 1, paths.cycling(queue)


def _queues(paths: Paths) -> Iterable[tuple[int, int, Work]]:
    sends = [paths.sending(paths.queue(f"one-of-{number}"), BODY) for number in range(100_000)]
    for count in (1, 10, 100, 1_000, 10_000, 100_000):
        turns = cycle(sends[:count])
        yield count, 1, partial(_next, turns)


def _next(turns: Iterator[Work]) -> None:
    next(turns)()


def _subscribers(paths: Paths) -> Iterable[tuple[int, int, Work]]:
    for count in (1, 10, 100, 200):  # more are delivered in slices, with turns between them
        paths.make_topic(f"many-{count}", count)
        yield count, count, paths.publish(f"many-{count}")


def _rules(paths: Paths) -> Iterable[tuple[int, int, Work]]:
    for count in (1, 10, 100, 1_000, 10_000):
        paths.make_bus(f"many-{count}", count, matching=1)
        yield count, 1, paths.put(f"many-{count}", {"state": "paid"})


def _sizes(paths: Paths) -> Iterable[tuple[int, int, Work]]:
    queue = paths.queue("of-sizes")
    for size in (100, 1_000, 10_000, 100_000, 1_000_000):
        yield size, 1, paths.sending(queue, "x" * size)


# How it is shown


def tabled(curves: Sequence[Curve]) -> str:
    lines = ["| what | over | times the first |", "|---|---|---|"]
    for curve in curves:
        points = ", ".join(f"{count:,}: {cost:.2f}" for count, cost in curve.points)
        lines.append(f"| {curve.title} | {curve.over} | {points} |")
    return "\n".join(lines) + "\n"


WIDTH, HEIGHT, EDGE, COLUMNS = 340, 220, 44, 3


def drawn(curves: Sequence[Curve]) -> str:
    """Draw each curve in a field of its own, both axes logarithmic, up to the largest cost of all."""
    top = max(10.0, *(cost for curve in curves for _, cost in curve.points))
    rows = -(-len(curves) // COLUMNS)
    fields = [
        f'<g transform="translate({index % COLUMNS * WIDTH} {index // COLUMNS * HEIGHT})">{_field(curve, top)}</g>'
        for index, curve in enumerate(curves)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="11">\n'
        "<title>How costs grow: docs/SPEED.md has the numbers</title>\n"
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(fields) + "\n</svg>\n"
    )


def _field(curve: Curve, top: float) -> str:
    left, right, upper, lower = EDGE, WIDTH - 16, 30, HEIGHT - 36
    first, last = (log10(curve.points[end][0]) for end in (0, -1))

    def place(count: int, cost: float) -> tuple[float, float]:
        across = (log10(count) - first) / (last - first)
        up = (log10(cost) + 1) / (log10(top) + 1)
        return left + across * (right - left), lower - up * (lower - upper)

    parts = [f'<text x="{left}" y="18" font-weight="bold">{curve.title}</text>']
    for cost in (0.1, 1.0, 10.0, 100.0, 1000.0):
        if cost <= top:
            _, y = place(curve.points[0][0], cost)
            parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#d0d0d0"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{cost:g}x</text>')
    spots = [place(*point) for point in curve.points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#0b62a4" stroke-width="2"/>')
    for (x, y), (count, _) in zip(spots, curve.points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#0b62a4"/>')
        parts.append(f'<text x="{x:.1f}" y="{lower + 14}" text-anchor="middle">{_short(count)}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{lower + 29}" text-anchor="middle">{curve.over}</text>')
    return "".join(parts)


def _short(count: int) -> str:
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit:
            return f"{count / unit:g}{letter}"
    return str(count)


if __name__ == "__main__":
    main()
