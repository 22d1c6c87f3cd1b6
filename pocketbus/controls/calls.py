"""How controls reach the engine, which runs on another thread, and what they take for their own there."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.queues.queue import Queue

T = TypeVar("T")


class Calls(ABC):
    """Every method may be called from any thread; those named `..._async` are for tests with their own event loop.

    A queue, topic or bus is named by its ARN, by its name in its own account and region, or a queue by its
    URL. Instants are epoch seconds or ISO 8601, durations seconds or ISO 8601.
    """

    account: str
    region: str
    _own_account: str | None = None
    """The account that faults and states are of where nothing else is said; None: all."""

    @abstractmethod
    def call(self, function: Callable[[Engine], T]) -> T:
        """Run a function on the emulator's own thread, where alone the engine may be touched."""

    @abstractmethod
    async def call_async(self, function: Callable[[Engine], T]) -> T:
        """Do the same while the caller's own event loop goes on."""

    @abstractmethod
    def _await(self, function: Callable[[Engine], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        """Run a coroutine function on the emulator's event loop, for up to so many real seconds."""

    @abstractmethod
    async def _await_async(self, function: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        """Do the same while the caller's own event loop goes on."""

    def _queue(self, engine: Engine, name: str) -> Queue:
        return find(engine, Queue, name, self.account, self.region)
