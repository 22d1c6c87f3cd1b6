"""The state of an engine, or the part of an account, a region, a service, as one JSON document; and back again."""

from collections.abc import AsyncIterator, Collection, Generator, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, field

from pocketbus.emulator.arn import ACCOUNT, REGION
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.memory import age_the_young
from pocketbus.emulator.message import HELD
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.scope import SERVICES, Scope
from pocketbus.emulator.state.cut import in_chunks, written
from pocketbus.emulator.state.graph import MANY, Reader, Writer
from pocketbus.emulator.state.moment import MomentReader, MomentWriter
from pocketbus.emulator.state.shapes import check_attributes, check_state
from pocketbus.emulator.state.snapshots import Snapshot
from pocketbus.emulator.state.standing import Standing, take_up, tell
from pocketbus.emulator.state.text import (
    LISTS,
    Digest,
    Document,
    digesting,
    document_of,
    lines_of,
    loads,
    parsing,
)
from pocketbus.emulator.time.duration import LATEST
from pocketbus.emulator.time.timers import KeptTimers
from pocketbus.emulator.version import VERSION

FORMAT: Final = 3


class StateError(ValueError):
    """A document cannot be imported; the text says why. Nothing has changed."""


class Part(Struct, frozen=True):
    """Which part of the state is meant: what is None is not limited."""

    account: str | None = None
    region: str | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        if self.service is not None and self.service not in SERVICES:
            raise StateError(f"{self.service!r} is no service with a state; there are {', '.join(SERVICES)}.")

    @property
    def whole(self) -> bool:
        return self == WHOLE

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(SERVICES) if self.service is None else (self.service,)

    def covers(self, account: str, region: str) -> bool:
        return self.account in (None, account) and self.region in (None, region)

    def scopes(self, engine: Engine) -> list[Scope]:
        """Return the scopes there are of this part, in order."""
        found = [scope for scope in engine.scopes if self.covers(scope.account, scope.region)]
        return sorted(found, key=lambda scope: (scope.account, scope.region))


WHOLE: Final = Part()


def export_state(engine: Engine, part: Part = WHOLE, *, references: bool = False) -> Document:
    """Return the state as an object for JSON; the same seed and the same calls give the same, byte by byte.

    Of the whole state, the outbox, the logs, the clock and the source of ids are part too. Deliveries on their way
    over a network, the trace and faults are not. With `references` it is for this engine alone: what logs have outside
    of memory is not in it.
    """
    return document_of(*_written(engine, part, references=references))


def export_lines(engine: Engine, part: Part = WHOLE) -> Iterator[bytes]:
    """Yield the same as JSON, line by line; nothing may change before the last one."""
    return lines_of(*_written(engine, part))


def moment_lines(engine: Engine) -> Iterator[bytes]:
    """Yield the whole state likewise, with all that is under way: only this very release reads that.

    It is complete only together with what logs have outside of memory.
    """
    return lines_of(*_written(engine, WHOLE, with_what_is_under_way=True))


def cut(engine: Engine, part: Part = WHOLE) -> AsyncIterator[bytes]:
    """Yield the state in chunks, as it is at this instant, while everybody else goes on."""
    return written(lambda: export_lines(engine, part), short=_is_short(engine))


def cut_moment(engine: Engine) -> AsyncIterator[bytes]:
    """Yield the whole state so, with all that is under way."""
    return written(lambda: moment_lines(engine), short=_is_short(engine))


_FEW: Final = 1000
"""So many resources, items of logs and messages make a short document."""


def _is_short(engine: Engine) -> bool:
    under_way = len(engine.courier) + len(engine.exchange) + len(engine.door.courses)
    if max(len(engine.resources), engine.log_room.items, under_way) >= _FEW:
        return False
    queues = (resource for resource in engine.resources.values() if isinstance(resource, Queue))
    return sum(queue.count(state) for queue in queues for state in HELD) < _FEW


def _written(
    engine: Engine, part: Part, *, with_what_is_under_way: bool = False, references: bool = False
) -> tuple[Document, dict[str, Iterable[Any]]]:
    """Return the members of a document, and its lists: of the latter, each leads to what those after it tell."""
    now = engine.clock.now()
    writer = MomentWriter() if with_what_is_under_way else Writer()
    writer.refers |= references
    members: Document = {
        "pocketbus": FORMAT,
        "version": VERSION,
        "part": {"account": part.account, "region": part.region, "service": part.service},
    }
    if part.whole:
        members["clock"] = {"now": now, "frozen": engine.clock.frozen}
        members["ids"] = engine.ids.state()
        members["common"] = {one.kept_as: writer.write(one.kept()) for one in engine.kept_components}
    if with_what_is_under_way:
        members["standing"] = writer.write(tell(engine))
    lists: dict[str, Iterable[Any]] = {
        "scopes": _write_scopes(engine, part, writer),
        "resources": _arns(engine, part),
        "objects": writer.elements(),
    }
    return members, lists


def import_state(
    engine: Engine, document: Any, account: str | None = None, *, references: bool = False
) -> None:
    """Put what a document holds in the place of that part of the state. Raise StateError, and change nothing.

    With an `account`, nothing but a document of this account is taken.

    A whole document brings its ids with it and, if its clock was frozen, its clock. Long polls are answered with
    nothing, deliveries on their way are broken off, as in a reset. Only what comes from this engine is taken with
    `references`.
    """
    engine.log_room.takes_references = references
    try:
        for _ in importing(engine, document, account):
            pass
    finally:
        engine.log_room.takes_references = False


def import_lines(engine: Engine, lines: Iterable[bytes], account: str | None = None) -> Iterator[None]:
    """Do the same, in steps, with a document's lines without their ends."""
    document: Document = {}
    yield from _parsed(lines, document)
    yield from importing(engine, document, account)


def take_up_moment(engine: Engine, lines: Iterable[bytes]) -> Iterator[None]:
    """Have an engine that was just made go on where `moment_lines` tells that another one stood, in steps."""
    document: Document = {}
    yield from _parsed(lines, document)
    yield from importing(engine, document, with_what_is_under_way=True)


def _parsed(lines: Iterable[bytes], document: Document) -> Iterator[None]:
    try:
        yield from parsing(lines, document)
    except _BROKEN as error:
        raise StateError(f"The document is no JSON: {error}") from error


def importing(
    engine: Engine, document: Any, account: str | None = None, *, with_what_is_under_way: bool = False
) -> Iterator[None]:
    """Do the same in steps: all is made anew beside what is there, and takes its place in the last one."""
    part = yield from _check(document)
    if account not in (None, part.account):
        raise StateError(f"The document is not of the account {account} alone.")
    try:
        content = yield from _read(engine, part, document, with_what_is_under_way)
        yield from content.wind()
    except _BROKEN as error:
        raise _refusal(error) from error
    kept = _whole(document) if engine.door.notes else None
    with engine.door.entry("import", kept):
        reset_state(engine, part)
        content.install(engine)


_BROKEN: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a document raises whose digest is right and whose content is not."""


def _refusal(error: Exception) -> StateError:
    return StateError(f"The document does not hold a state of this release: {error}")


def reset_state(engine: Engine, part: Part = WHOLE) -> None:
    """Forget a part of the state; of the whole, faults and the trace too."""
    with engine.door.entry("reset", part.account, part.region, part.service):
        if part.whole:
            engine.reset()
            return
        for scope in part.scopes(engine):
            for service in part.services:
                scope.services[service].forget(engine.clock.now())


def save_snapshot(engine: Engine, name: str, part: Part = WHOLE) -> None:
    """Keep the state, or a part of it, under a name of the part's account. Raise SnapshotError."""
    keep_snapshot(engine, name, part, in_chunks(export_lines(engine, part)), engine.clock.now())


def keep_snapshot(engine: Engine, name: str, part: Part, chunks: Iterable[bytes], taken_at: float) -> None:
    """Keep the chunks of a document under a name of its part's account. Raise SnapshotError."""
    engine.snapshots.keep(Snapshot(name, part.account, taken_at, tuple(chunks)))


def restoring(engine: Engine, name: str, account: str | None = None) -> Iterator[None]:
    """Bring back what was kept under a name, in steps. Raise ResourceNotFoundError."""
    return import_lines(engine, engine.snapshots.get(name, account).lines(), account)


def restore_snapshot(engine: Engine, name: str, account: str | None = None) -> None:
    """Bring back what was kept under a name. Raise ResourceNotFoundError."""
    for _ in restoring(engine, name, account):
        pass


class _Content(Struct, frozen=True):
    """What a document holds, ready to be put in place."""

    scopes: "list[_Services]"
    common: Mapping[str, Any]
    arns: list[str]
    run: "_Run | None"
    objects: Collection[Any]
    standing: Standing | None
    """What was under way; None: what is kept goes on by itself."""
    timers: KeptTimers = field(default_factory=KeptTimers)

    def wind(self) -> Iterator[None]:
        """Set the timers of all again, in steps; they fire once the content is in its place."""
        self.timers.whole = self.standing is not None
        for number, one in enumerate(self.objects):
            if hasattr(one, "set_timers_again"):
                one.set_timers_again(self.timers)
                yield
            if number % MANY == 0:
                age_the_young()

    def install(self, engine: Engine) -> None:
        for scope in self.scopes:
            scope.install(engine)
        _order_resources(engine, self.arns)
        for one in engine.kept_components:
            if one.kept_as in self.common:
                one.keep(self.common[one.kept_as])
        if self.run is not None:
            self.run.take_up(engine)
        engine.timers.take(self.timers)
        if self.standing is not None:
            take_up(engine, self.standing)
            return
        for scope in self.scopes:
            scope.resume(engine)


def _read(
    engine: Engine, part: Part, document: Document, with_what_is_under_way: bool
) -> Generator[None, None, _Content]:
    """Read a document without a change to the engine, in steps."""
    reader = MomentReader(engine) if with_what_is_under_way else Reader(engine, check_state)
    yield from reader.take(document["objects"])
    scopes = []
    for scope in document["scopes"]:
        scopes.append(_read_scope(_plain(scope), part, reader))
        yield
    names = [component.kept_as for component in engine.kept_components] if part.whole else []
    common = {name: reader.read(document["common"][name]) for name in names}
    check_attributes(common)
    return _Content(
        scopes,
        common,
        [str(_plain(arn)) for arn in document["resources"]],
        _read_run(document) if part.whole else None,
        reader.objects,
        reader.read(document["standing"]) if with_what_is_under_way else None,
    )


def _whole(document: Document) -> Document:
    """Return a document with all its elements read."""
    return document | {name: [_plain(element) for element in document[name]] for name in LISTS}


def _plain(written: Any) -> Any:
    """Read an element that is still as it was written."""
    return loads(written) if isinstance(written, bytes) else written


class _Services(Struct, frozen=True):
    """What a scope gets: the attributes of each of its services."""

    account: str
    region: str
    services: Mapping[str, Mapping[str, Any]]

    def install(self, engine: Engine) -> None:
        scope = engine.scope(self.account, self.region)
        for service, attributes in self.services.items():
            scope.services[service].keep(attributes)

    def resume(self, engine: Engine) -> None:
        for service in self.services:
            engine.scope(self.account, self.region).services[service].resume()


class _Run(Struct, frozen=True):
    """What goes on from where it stood: the choices and, if the clock was frozen, the time."""

    ids: Mapping[str, Any]
    frozen_at: float | None

    def take_up(self, engine: Engine) -> None:
        engine.ids.restore(self.ids)
        if self.frozen_at is not None:
            engine.freeze()
            engine.clock.set(self.frozen_at)


def _write_scopes(engine: Engine, part: Part, writer: Writer) -> Iterator[Document]:
    """Yield the scopes; one that is as all are from the start does not count as there."""
    now = engine.clock.now()
    for scope in part.scopes(engine):
        if not scope.untouched:
            yield _write_scope(scope, part, writer, now)


def _write_scope(scope: Scope, part: Part, writer: Writer, now: float) -> Document:
    services = {
        service: {name: writer.write(kept) for name, kept in scope.services[service].kept(now).items()}
        for service in part.services
    }
    return {"account": scope.account, "region": scope.region, "services": services}


def _read_scope(written: Document, part: Part, reader: Reader) -> _Services:
    account, region = written["account"], written["region"]
    if not (ACCOUNT.fullmatch(account) and REGION.fullmatch(region) and part.covers(account, region)):
        raise StateError(f"The document is not of an account {account!r} in a region {region!r}.")
    services = {
        service: {name: reader.read(kept) for name, kept in attributes.items()}
        for service, attributes in written["services"].items()
    }
    for service, attributes in services.items():
        if set(attributes) != set(SERVICES[service].holds) or service not in part.services:
            raise StateError(f"The document has another part of {service} than it says.")
        check_attributes(attributes)
    return _Services(account, region, services)


def _arns(engine: Engine, part: Part) -> Iterator[str]:
    """Yield the ARNs of the part's resources in the order in which they were made."""
    arns = {
        resource.arn
        for scope in part.scopes(engine)
        if not scope.untouched
        for service in part.services
        for resource in scope.services[service].resources()
    }
    yield from (arn for arn in engine.resources if arn in arns)


def _order_resources(engine: Engine, arns: list[str]) -> None:
    """Bring back the order in which resources were made."""
    for arn in arns:
        if arn in engine.resources:
            engine.resources[arn] = engine.resources.pop(arn)


def _read_run(document: Document) -> _Run:
    ids, clock = document["ids"], document["clock"]
    Ids().restore(ids)
    if not isinstance(clock["frozen"], bool) or not 0 <= clock["now"] <= LATEST:
        raise StateError("The document's clock shows no time.")
    return _Run(ids, float(clock["now"]) if clock["frozen"] else None)


def _check(document: Any) -> Generator[None, None, Part]:
    """Return the part that a document holds, if it is one that export_state has written."""
    if not isinstance(document, dict) or document.get("pocketbus") != FORMAT:
        raise StateError(
            f"This is no state that pocketbus has exported: its member pocketbus is not {FORMAT}."
        )
    if document.get("version") != VERSION:
        raise StateError(
            f"The document is of pocketbus {document.get('version')}; only {VERSION} is read here."
        )
    digest = Digest()
    yield from digesting(document, digest)
    if document.get("digest") != str(digest):
        raise StateError("The document was changed since it was exported, or is not complete.")
    try:
        return Part(**document["part"])
    except (LookupError, TypeError) as error:
        raise StateError("The document does not say which part of the state it holds.") from error
