"""Repeats what a journal has kept, on an engine that takes part in nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from pocketbus.apis.calls_from_within import serve_from_within
from pocketbus.apis.faults import BATCHES
from pocketbus.apis.repeating import Repeating
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.door import RAISED, START
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inputs import UnknownInputError, repeat
from pocketbus.emulator.logs.store import Store
from pocketbus.emulator.state.document import take_up_moment
from pocketbus.emulator.state.standing import Told, prepare
from pocketbus.emulator.time.clock import Standing
from pocketbus.journal.record import Record
from pocketbus.journal.segment import JournalError

_WHY: Final = "it was written by another release, or this is a defect; please report it, with the journal."


class Snapshot(Protocol):
    """A state that was kept: what is told of it beside its document, and the lines of that. Both raise JournalError."""

    def told(self) -> Mapping[str, Any]: ...
    def lines(self) -> Iterator[bytes]: ...


class Replay:
    """An engine in a replay. It needs a running event loop, and is not started."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        engine.door.replaying = True
        self._operations = Repeating(engine)
        engine.door.operations = self._operations.work
        self._raised: BaseException | None = None

    def begin(self, snapshot: Snapshot) -> Iterator[None]:
        """Take up a snapshot, in steps. Raise StateError, JournalError."""
        yield from self.take_up(snapshot.told(), snapshot.lines())

    def take_up(self, told: Told, lines: Iterable[bytes]) -> Iterator[None]:
        """Take up what is told of an engine, and the lines of its document, in steps. Raise StateError."""
        prepare(self.engine, told)
        yield from take_up_moment(self.engine, lines)
        self.engine.clock.stand(Standing(*told["clock"]))

    def repeat(self, record: Record) -> None:
        """Carry an input out. Raise JournalError where it does not do what it did before."""
        engine, name = self.engine, record.name
        raised, self._raised = (None if name == START else self._raised), None
        if (record.arguments[0] if name == RAISED else None) != (raised and type(raised).__name__):
            raise JournalError(
                f"What was carried out before the instant {record.at!r} raises {raised!r} in the replay, which it did "
                f"not: {_WHY}"
            ) from raised
        with engine.door.repeating(record.system_at):
            if engine.clock.now() != record.at:
                raise JournalError(
                    f"The replay stands at the instant {engine.clock.now()!r}, the journal at {record.at!r}: {_WHY}"
                )
            try:
                self._carry_out(record)
            except UnknownInputError as error:
                raise JournalError(f"The journal asks for {name!r}, but {error}: {_WHY}") from error
            except Exception as error:  # noqa: BLE001 - the next record tells whether it did so
                self._raised = error

    def _carry_out(self, record: Record) -> None:
        if record.name == RAISED:
            return
        if record.place is None:
            repeat(self.engine, record.name, record.arguments)
        elif self._operations.knows(record.name):
            self._operations(record.name, record.place, *record.arguments)
        else:
            raise UnknownInputError("this release has no such operation")


def prepared(engine: Engine, store: Store | None = None, base_url: str = "http://localhost:4566") -> Engine:
    """Let an engine that nobody serves know the operations, for faults to strike at and for itself to call.

    What logs have outside of memory is in the `store`.
    """
    engine.log_room.store = store
    for service in SERVICES:
        operations = service.model.operations.keys()
        engine.faults.know(service.name, operations, operations & BATCHES)
        serve_from_within(engine, service, base_url)
    return engine
