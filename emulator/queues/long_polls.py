"""A queue's long polls: served in order of arrival, by whatever makes a message ready."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.message import READY
from pocketbus.emulator.queues.holdings import Holdings
from pocketbus.emulator.queues.receipts import Received
from pocketbus.emulator.queues.waiting import Standing, Waiter, WaitingLine
from pocketbus.emulator.time.alarm import Alarm
from pocketbus.emulator.time.timers import Callback
from pocketbus.emulator.weak import weakly


class ReceiveRequest(Struct, frozen=True):
    """How many messages a receiver wants at most, hidden for how many seconds (None: the queue's own timeout).

    On a FIFO queue, a request with the `attempt_id` of an earlier one gets the same messages again.
    """

    limit: int = 1
    visibility_timeout: int | None = None
    attempt_id: str | None = None


class LongPolls:
    """Who waits at one queue; `hand_out` receives for them, `advance` moves what is due when the alarm rings."""

    def __init__(
        self,
        held: Holdings,
        core: Core,
        hand_out: Callable[[ReceiveRequest, float], list[Received] | None],
        advance: Callback,
    ) -> None:
        self._held = held
        self._clock = core.clock
        self._hand_out = hand_out
        self._door = core.door
        self._line = WaitingLine[ReceiveRequest, Received](core.timers, core.door, weakly(self._hand_back))
        self.waiters = self._line.waiters
        """Who waits, in order of arrival."""
        self._alarm = Alarm(core.timers, advance)

    async def wait(self, request: ReceiveRequest, until: float) -> list[Received]:
        """Wait until there is something to receive; at the instant `until` there is nothing."""
        course = self._door.stepping
        if course is None:
            return await self._line.answer(self._join(request, until))
        return await self._line.answer(course.once(partial(self._join, request, until)))

    def _join(self, request: ReceiveRequest, until: float) -> Waiter[ReceiveRequest, Received]:
        waiter = self._line.join(request, until)
        self.set_alarm()
        return waiter

    def stand(
        self, request: ReceiveRequest, served: Callable[[list[Received]], None]
    ) -> Standing[ReceiveRequest, Received]:
        """Let somebody wait for as long as it takes."""
        standing = self._line.stand(request, served)
        self.set_alarm()
        return standing

    def standing(self) -> Any:
        """Tell who waits, in order, and what the alarm is set to; None: nobody waits and it is not set."""
        alarm = self._alarm.standing()
        return {"waiters": list(self.waiters), "alarm": alarm} if self.waiters or alarm else None

    def stand_again(self, kept: Mapping[str, Any]) -> None:
        """Have the same wait."""
        self._line.stand_again(kept["waiters"])
        self._alarm.stand(kept["alarm"])

    def serve(self, now: float) -> None:
        """Give what is ready to those who wait, first come first served; whatever makes a message ready calls this."""
        if not self._line.waiters:
            return
        for waiter in self._line:
            received = self._hand_out(waiter.request, now) if self._held.count(READY) else None
            if not received:
                break
            waiter.give(received)
        self.set_alarm()

    def set_alarm(self) -> None:
        """While somebody waits, have the alarm at the next instant at which a message becomes ready."""
        self._alarm.set(self._held.next_ready_at if self._line.waiters else None)

    def release(self) -> None:
        """Answer everybody with nothing."""
        self._line.release()

    def _hand_back(self, received: list[Received]) -> None:
        """Undo a receive whose client was gone before the answer could be sent."""
        now = self._clock.now()
        self._held.hand_back(received, now)
        self.serve(now)
