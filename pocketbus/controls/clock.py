"""The clock, moved by hand."""

from collections.abc import Awaitable

from pocketbus.controls.calls import Calls
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Record
from pocketbus.emulator.time.duration import instant_of, seconds_of


class ClockControls(Calls):
    """Moves the emulator's clock; what is due on the way happens, each thing at its own instant."""

    def now(self) -> float:
        """Tell the emulator's time in epoch seconds."""
        return self.call(lambda engine: engine.clock.now())

    def next_at(self) -> float | None:
        """Tell the next instant at which something happens by itself."""
        return self.call(lambda engine: engine.next_at)

    def freeze(self) -> None:
        """Let the clock stand still until it is moved."""
        self.call(lambda engine: engine.freeze())

    def thaw(self) -> None:
        """Let the clock run on from where it stands."""
        self.call(lambda engine: engine.thaw())

    def set(self, at: float | str) -> list[Record]:
        """Move the clock to an instant, and return what happened on the way."""
        return self._await(lambda engine: _moved(engine, engine.elapse_to(instant_of(at))))

    async def set_async(self, at: float | str) -> list[Record]:
        """Do the same while webhooks of the calling event loop can answer."""
        return await self._await_async(lambda engine: _moved(engine, engine.elapse_to(instant_of(at))))

    def advance(self, duration: float | str) -> list[Record]:
        """Move the clock on, and return what happened on the way, each thing at its own instant."""
        return self._await(lambda engine: _moved(engine, engine.elapse(seconds_of(duration))))

    async def advance_async(self, duration: float | str) -> list[Record]:
        """Move the clock on, while webhooks of the calling event loop can answer."""
        return await self._await_async(lambda engine: _moved(engine, engine.elapse(seconds_of(duration))))

    def advance_to_next(self) -> list[Record]:
        """Move the clock on to the next deadline, if there is one, and return what happened then."""
        return self._await(lambda engine: _moved(engine, engine.elapse_to_next()))

    async def advance_to_next_async(self) -> list[Record]:
        """Do the same while webhooks of the calling event loop can answer."""
        return await self._await_async(lambda engine: _moved(engine, engine.elapse_to_next()))

    def follow_the_system(self) -> None:
        """Let the clock run again with the system's time."""
        self.call(lambda engine: engine.follow_the_system())


async def _moved(engine: Engine, move: Awaitable[int]) -> list[Record]:
    return list(engine.trace.after(await move))
