"""What is worked out once of what comes again and again: header lines, parameters, hosts."""

from collections.abc import Callable, Hashable, Sized
from typing import Protocol, TypeVar


class Told(Hashable, Sized, Protocol):
    """A text, bytes, or a tuple of them."""


Key = TypeVar("Key", bound=Told)
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """What a function tells, by what it is told of, if that is not too long. When it is too many, all are forgotten.

    To look something up here takes a fraction of the time of functools' caches, which make a key and keep an order.
    """

    def __init__(self, tell: Callable[[Key], Value], longest: int, most: int = 1024) -> None:
        super().__init__()
        self._tell = tell
        self._longest = longest
        self._most = most

    def __missing__(self, key: Key) -> Value:
        value = self._tell(key)
        if len(key) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[key] = value
        return value
