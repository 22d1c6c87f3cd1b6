"""The latest of something, bounded in number and in bytes: the oldest give way, and are counted."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from sys import getsizeof
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Held(NamedTuple):
    """How much is held, how much can be, and how much gave way so far."""

    items: int
    bytes: int
    most_items: int
    most_bytes: int
    dropped: int


class Latest(Generic[T]):
    """Keeps the latest items, oldest first; `size` tells what one takes. The newest stays, however large it is."""

    def __init__(self, most_items: int, most_bytes: int, size: Callable[[T], int]) -> None:
        self._most_items = most_items
        self._most_bytes = most_bytes
        self._size = size
        self._items: deque[T] = deque()
        self._bytes = 0
        self._dropped = 0

    def append(self, item: T) -> list[T]:
        """Keep one more, and return those that gave way."""
        return self.add(item, self._size(item))

    def add(self, item: T, size: int) -> list[T]:
        """Do the same with one whose size is known."""
        items = self._items
        items.append(item)
        self._bytes += size
        if len(items) <= self._most_items and self._bytes <= self._most_bytes:
            return []
        gone: list[T] = []
        while len(items) > self._most_items or (self._bytes > self._most_bytes and len(items) > 1):
            gone.append(items.popleft())
            self._bytes -= self._size(gone[-1])
        self._dropped += len(gone)
        return gone

    def keep(self, kept: Iterable[T]) -> None:
        """Hold these and nothing else."""
        items = list(kept)
        self._items.clear()
        self._bytes = 0
        for item in items:
            self.append(item)

    def clear(self) -> None:
        self.keep(())

    def held(self) -> Held:
        return Held(len(self._items), self._bytes, self._most_items, self._most_bytes, self._dropped)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[T]:
        """Yield the latest first."""
        return reversed(self._items)

    def __len__(self) -> int:
        return len(self._items)


def size_of(value: Any) -> int:
    """Count the bytes of a text, or of all that a container or record holds."""
    match value:
        case dict():
            return getsizeof(value) + sum(size_of(key) + size_of(part) for key, part in value.items())
        case tuple() | list():
            return getsizeof(value) + sum(map(size_of, value))
        case _:
            return getsizeof(value)
