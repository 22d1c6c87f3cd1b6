"""What a command that asked a server has to say: data for scripts, lines for people, an exit status."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

_GAP = "  "


class Outcome(NamedTuple):
    """`lines` are for people; `data` is what --json prints or, with `each`, yields one by one."""

    data: Any
    lines: Iterable[str] = ()
    status: int = 0


class Stream(NamedTuple):
    """What goes on for as long as it lasts: with --json each item is a line of its own."""

    items: Iterable[tuple[Any, str]]


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return lines of columns as wide as what they hold; a terminal cuts them at its edge."""
    cells = [list(headings), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_GAP.join(map(str.ljust, row, widths)).rstrip() for row in cells]
    if not sys.stdout.isatty():
        return lines
    # A terminal that does not know its width, as Docker's may, says 0.
    edge = os.get_terminal_size(sys.stdout.fileno()).columns or sys.maxsize
    return [line if len(line) <= edge else f"{line[: edge - 1]}…" for line in lines]


def plain(value: object) -> str:
    """Write a value on one line, without what would move a terminal's cursor; what is none is a dash."""
    text = "-" if value is None or value == "" else str(value)
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def count_of(number: int, noun: str) -> str:
    """Count things: `1 message`, `2 messages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
