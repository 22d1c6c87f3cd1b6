"""The engine: every scope around one core, and its life from start to stop.

Concurrency: everything here runs on one event loop, and nothing between two awaits interleaves. There are no locks,
no threads and no module-level state; two engines in one process do not know of each other.
"""

import asyncio
from types import TracebackType
from typing import Self

from pocketbus.emulator.config import Config
from pocketbus.emulator.core import Core
from pocketbus.emulator.scope import Scope


class Engine(Core):
    """Holds the scopes; as an async context manager, runs the timers on the current event loop."""

    def __init__(self, config: Config | None = None) -> None:
        super().__init__(config or Config())
        self._scopes: dict[tuple[str, str], Scope] = {}

    def scope(self, account: str, region: str) -> Scope:
        key = (account, region)
        scope = self._scopes.get(key)
        if scope is None:
            scope = self._scopes[key] = Scope(account, region, self)
        return scope

    def scope_of(self, arn: str) -> Scope:
        """Return the scope in which an existing resource lives."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return self.scope(account, region)

    def advance(self, seconds: float) -> None:
        """Move the clock on, firing everything due on the way at its own instant."""
        self.timers.advance_to(self.clock.now() + seconds)

    def release_waiters(self) -> None:
        """Answer every long poll with nothing."""
        for resource in self.resources.values():
            resource.close()

    def reset(self) -> None:
        """Forget every resource and message; long polls are answered with nothing."""
        self.release_waiters()
        self.resources.clear()
        self._scopes.clear()
        self.timers.clear()
        self.trace.clear()

    async def __aenter__(self) -> Self:
        self.timers.attach(asyncio.get_running_loop())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release_waiters()
        self.timers.detach()
