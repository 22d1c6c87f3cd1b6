"""A queue's long polls, in order of arrival."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from pocketbus.emulator.door import Door
from pocketbus.emulator.time.timers import Timer, Timers

Request = TypeVar("Request")
Item = TypeVar("Item")


class Waiter(Struct, Generic[Request, Item], eq=False):
    """One long poll: what it asked for, and where its answer goes."""

    request: Request
    answer: asyncio.Future[list[Item]]
    timer: Timer | None = None

    @property
    def waits(self) -> bool:
        return not self.answer.done()

    def give(self, items: list[Item]) -> None:
        if not self.answer.done():
            self.answer.set_result(items)

    def end(self, _now: float) -> None:
        """Hear that its time is over."""
        self.timer = None
        self.give([])


class Standing(Generic[Request, Item]):
    """Who stands in line for as long as it takes, and is told within the call that serves it."""

    __slots__ = ("line", "request", "served")

    def __init__(
        self,
        request: Request,
        served: Callable[[list[Item]], None],
        line: "dict[Waiter[Request, Item] | Standing[Request, Item], None]",
    ) -> None:
        self.request = request
        self.served = served
        self.line = line

    def __getstate__(self) -> dict[str, Any]:
        """Tell all but the line, in which it is found."""
        return {"request": self.request, "served": self.served}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.request, self.served = state["request"], state["served"]

    @property
    def waits(self) -> bool:
        return self in self.line

    def give(self, items: list[Item]) -> None:
        self.leave()
        self.served(items)

    def leave(self) -> None:
        self.line.pop(self, None)


class WaitingLine(Generic[Request, Item]):
    """The `waiters`, first come first served. A client that went away hands back what it was given."""

    def __init__(self, timers: Timers, door: Door, hand_back: Callable[[list[Item]], None]) -> None:
        self._timers = timers
        self._door = door
        self._hand_back = hand_back
        self.waiters: dict[Waiter[Request, Item] | Standing[Request, Item], None] = {}

    def __len__(self) -> int:
        return len(self.waiters)

    def __iter__(self) -> Iterator[Waiter[Request, Item] | Standing[Request, Item]]:
        """Yield those still without an answer, first come first."""
        return (waiter for waiter in list(self.waiters) if waiter.waits)

    def stand(self, request: Request, served: Callable[[list[Item]], None]) -> Standing[Request, Item]:
        """Stand in line without an end; nothing is served to who stands here when the line is released."""
        standing = Standing(request, served, self.waiters)
        self.waiters[standing] = None
        return standing

    def join(self, request: Request, until: float) -> Waiter[Request, Item]:
        """Stand in line until the instant `until`; must be followed by `answer` at once."""
        waiter = Waiter[Request, Item](request, asyncio.get_running_loop().create_future())
        waiter.timer = self._timers.call_at(until, waiter.end)
        self.waiters[waiter] = None
        return waiter

    async def answer(self, waiter: Waiter[Request, Item]) -> list[Item]:
        """Wait for what the waiter is given; nothing once its time is over."""
        try:
            items = await self._door.wait(waiter.answer)
            # A disconnect that came in with the answer still counts: it takes one turn of the event loop to be told
            # to the connection, and another one to whoever watches for it.
            await self._door.turn()
            await self._door.turn()
        except asyncio.CancelledError:
            if waiter.answer.done() and not waiter.answer.cancelled():
                self._hand_back(waiter.answer.result())
            raise
        finally:
            self.waiters.pop(waiter, None)
            if waiter.timer is not None:
                self._timers.cancel(waiter.timer)
        return items

    def stand_again(self, waiters: Iterable[Waiter[Request, Item] | Standing[Request, Item]]) -> None:
        """Have those stand in line who stood in another one."""
        for waiter in waiters:
            self.waiters[waiter] = None
            if isinstance(waiter, Standing):
                waiter.line = self.waiters
            elif waiter.timer is not None:
                waiter.timer = self._timers.call_again(waiter.timer, waiter.end)

    def release(self) -> None:
        """Answer everybody with nothing."""
        for waiter in list(self.waiters):
            waiter.give([])
