"""What a journal tells of itself in numbers, for the metrics."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable


class Figure(NamedTuple):
    """One number by its name and in words; `grows` tells one that only does from one that goes up and down."""

    name: str
    words: str
    value: int
    grows: bool = True


@runtime_checkable
class Figured(Protocol):
    """What has such numbers."""

    def figures(self) -> Iterator[Figure]: ...
