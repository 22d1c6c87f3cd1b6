"""One visit of somebody to one view: what they ask for, and the clock they see."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from pocketbus.inspector.client import Client

ROOT = "/_pocketbus/ui"

Given = Mapping[str, list[str]]


class Visit(Struct, frozen=True):
    """`given` are the fields of the query string or, of what was sent, of the form."""

    client: Client
    given: Given
    clock: Mapping[str, Any]

    @property
    def now(self) -> float:
        return float(self.clock["now"])

    def text(self, name: str, default: str = "") -> str:
        """Return a field, of several the last."""
        return self.given.get(name, [default])[-1] or default

    def all(self, name: str) -> list[str]:
        return self.given.get(name, [])


class Done(Struct, frozen=True):
    """What an action did, to be told on the view that it leads to; None: where it was asked for."""

    said: str
    to: str | None = None


View = Callable[[Visit], Awaitable[dict[str, Any]]]
Action = Callable[[Visit], Awaitable[Done]]
