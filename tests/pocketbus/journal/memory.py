"""A journal in memory, and the states that its replay has to come by."""

from collections.abc import Coroutine, Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

from pocketbus.emulator.config import Config
from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_lines, moment_lines
from pocketbus.emulator.state.standing import UnrestError, check, told_of
from pocketbus.journal.record import Record, dumps, loads
from pocketbus.journal.replay import Replay, prepared


class Seen(NamedTuple):
    """The state behind so many records, as it was at an instant of the system's time."""

    position: int
    system_at: float
    state: bytes


class Kept(NamedTuple):
    """A snapshot behind so many records."""

    position: int
    told: dict[str, Any]
    lines: list[bytes]


class Memory:
    """Keeps everything as it would be written to a file, and snapshots."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.snapshots: list[Kept] = []

    def keep(self, engine: Engine) -> bool:
        """Keep a snapshot, if all that is under way can be told."""
        for _ in engine.door.finish_slices():
            pass
        try:
            check(engine)
        except UnrestError:
            return False
        engine.rest()
        engine.clock.hold()
        told = loads(dumps(told_of(engine)))
        lines = b"".join(moment_lines(engine)).split(b"\n")
        engine.clock.let_go()
        self.snapshots.append(Kept(len(self.written), told, [line for line in lines if line]))
        return True

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        self.written.append(dumps((at, system_at, place, name, list(arguments))))

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        return work

    def records(self) -> Iterator[Record]:
        for at, system_at, place, name, arguments in map(loads, self.written):
            yield Record(at, system_at, place and Place(*place), name, arguments)

    def see(self, engine: Engine) -> Seen:
        """Return the state behind what has been kept so far."""
        system_at = engine.clock.hold()
        state = b"".join(export_lines(engine))
        engine.clock.let_go()
        return Seen(len(self.written), system_at, state)


def hold_replay(memory: Memory, states: list[Seen], begin: Kept | None = None) -> None:
    """Assert that a replay, from a snapshot on or from the beginning, comes by the same states.

    Needs a running event loop.
    """
    replay = Replay(prepared(Engine(Config(seed=1))))
    first = 0
    if begin is not None:
        first = begin.position
        for _ in replay.take_up(begin.told, iter(begin.lines)):
            pass
    waiting = (seen for seen in states if seen.position > first)
    expected = next(waiting, None)
    latest: list[str] = []
    for position, record in enumerate(memory.records(), 1):
        if position <= first:
            continue
        replay.repeat(record)
        latest = [*latest[-5:], f"{record.name} {str(record.arguments)[:300]}"]
        while expected is not None and expected.position == position:
            replay.engine.clock.hold(expected.system_at)
            state = b"".join(export_lines(replay.engine))
            if state != expected.state:
                assert (latest, state.split(b"\n")) == (latest, expected.state.split(b"\n"))
            expected = next(waiting, None)
    assert expected is None
    replay.engine.door.abandon()


def _differing(one: bytes, other: bytes) -> list[tuple[bytes, bytes]]:
    """Return the lines that differ."""
    lines = zip_longest(one.split(b"\n"), other.split(b"\n"), fillvalue=b"")
    return [(mine[:1000], yours[:1000]) for mine, yours in lines if mine != yours]
