"""The state of an engine, or the part of an account, a region, a service, as one JSON document; and back again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pocketbus.emulator.arn import ACCOUNT, REGION
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.scope import SERVICES, Scope
from pocketbus.emulator.state.graph import Reader, Writer
from pocketbus.emulator.state.shapes import check_attributes, check_state
from pocketbus.emulator.state.snapshots import Snapshot
from pocketbus.emulator.time.duration import LATEST
from pocketbus.emulator.version import VERSION

FORMAT: Final = 1
_DIGEST = "digest"

Document = dict[str, Any]


class StateError(ValueError):
    """A document cannot be imported; the text says why. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Part:
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


def export_state(engine: Engine, part: Part = WHOLE) -> Document:
    """Return the state as an object for JSON; the same seed and the same calls give the same, byte by byte.

    Of the whole state, the outbox, the logs, the clock and the source of ids are part too. Deliveries on their way
    over a network, the trace and faults are not.
    """
    document = _write(engine, part)
    document[_DIGEST] = _digest(document)
    return document


def _write(engine: Engine, part: Part) -> Document:
    """Write a document, without the digest that guards it on its way."""
    now = engine.clock.now()
    writer = Writer()
    scopes = [_write_scope(scope, part, writer, now) for scope in part.scopes(engine)]
    document: Document = {
        "pocketbus": FORMAT,
        "version": VERSION,
        "part": {"account": part.account, "region": part.region, "service": part.service},
        "scopes": scopes,
    }
    if part.whole:
        document["clock"] = {"now": now, "frozen": engine.clock.frozen}
        document["ids"] = engine.ids.state()
        document["common"] = {one.kept_as: writer.write(one.kept()) for one in engine.kept_components}
    arns = _arns(engine, part)
    document["resources"] = [arn for arn in engine.resources if arn in arns]
    writer.order_timers()
    document["objects"] = writer.objects
    return document


def import_state(engine: Engine, document: Any, account: str | None = None) -> None:
    """Put what a document holds in the place of that part of the state. Raise StateError, and change nothing.

    With an `account`, nothing but a document of this account is taken.

    A whole document brings its ids with it and, if its clock was frozen, its clock. Long polls are answered with
    nothing, deliveries on their way are broken off, as in a reset.
    """
    part = _check(document)
    if account not in (None, part.account):
        raise StateError(f"The document is not of the account {account} alone.")
    try:
        content = _read(engine, part, document)
    except _BROKEN as error:
        raise _refusal(error) from error
    before = _write(engine, part)
    reset_state(engine, part)
    try:
        content.install(engine)
    except _BROKEN as error:
        reset_state(engine, part)
        _read(engine, part, before).install(engine)
        raise _refusal(error) from error


_BROKEN: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a document raises whose digest is right and whose content is not."""


def _refusal(error: Exception) -> StateError:
    return StateError(f"The document does not hold a state of this release: {error}")


def reset_state(engine: Engine, part: Part = WHOLE) -> None:
    """Forget a part of the state; of the whole, faults and the trace too."""
    if part.whole:
        engine.reset()
        return
    for scope in part.scopes(engine):
        for service in part.services:
            scope.services[service].forget(engine.clock.now())


def save_snapshot(engine: Engine, name: str, part: Part = WHOLE) -> None:
    """Keep the state, or a part of it, under a name of the part's account. Raise SnapshotError."""
    document = json.dumps(export_state(engine, part)).encode()
    engine.snapshots.keep(Snapshot(name, part.account, engine.clock.now(), document))


def restore_snapshot(engine: Engine, name: str, account: str | None = None) -> None:
    """Bring back what was kept under a name. Raise ResourceNotFoundError."""
    import_state(engine, json.loads(engine.snapshots.get(name, account).document))


@dataclass(frozen=True, slots=True)
class _Content:
    """What a document holds, ready to be put in place."""

    scopes: "list[_Services]"
    common: Mapping[str, Any]
    arns: list[str]
    run: "_Run | None"
    objects: list[Any]

    def install(self, engine: Engine) -> None:
        for scope in self.scopes:
            scope.install(engine)
        _order_resources(engine, self.arns)
        for one in engine.kept_components:
            if one.kept_as in self.common:
                one.keep(self.common[one.kept_as])
        if self.run is not None:
            self.run.take_up(engine)
        for one in self.objects:
            if hasattr(one, "resume"):
                one.resume()


def _read(engine: Engine, part: Part, document: Document) -> _Content:
    """Read a document without a change to the engine."""
    reader = Reader(document["objects"], engine, check_state)
    names = [component.kept_as for component in engine.kept_components] if part.whole else []
    common = {name: reader.read(document["common"][name]) for name in names}
    check_attributes(common)
    return _Content(
        [_read_scope(written, part, reader) for written in document["scopes"]],
        common,
        [str(arn) for arn in document["resources"]],
        _read_run(document) if part.whole else None,
        reader.objects,
    )


@dataclass(frozen=True, slots=True)
class _Services:
    """What a scope gets: the attributes of each of its services."""

    account: str
    region: str
    services: Mapping[str, Mapping[str, Any]]

    def install(self, engine: Engine) -> None:
        scope = engine.scope(self.account, self.region)
        for service, attributes in self.services.items():
            scope.services[service].keep(attributes)


@dataclass(frozen=True, slots=True)
class _Run:
    """What goes on from where it stood: the choices and, if the clock was frozen, the time."""

    ids: Mapping[str, Any]
    frozen_at: float | None

    def take_up(self, engine: Engine) -> None:
        engine.ids.restore(self.ids)
        if self.frozen_at is not None:
            engine.freeze()
            engine.clock.set(self.frozen_at)


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


def _arns(engine: Engine, part: Part) -> set[str]:
    return {
        resource.arn
        for scope in part.scopes(engine)
        for service in part.services
        for resource in scope.services[service].resources()
    }


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


def _check(document: Any) -> Part:
    """Return the part that a document holds, if it is one that export_state has written."""
    if not isinstance(document, dict) or document.get("pocketbus") != FORMAT:
        raise StateError(
            f"This is no state that pocketbus has exported: its member pocketbus is not {FORMAT}."
        )
    if document.get("version") != VERSION:
        raise StateError(
            f"The document is of pocketbus {document.get('version')}; only {VERSION} is read here."
        )
    if document.get(_DIGEST) != _digest(document):
        raise StateError("The document was changed since it was exported, or is not complete.")
    try:
        return Part(**document["part"])
    except (LookupError, TypeError) as error:
        raise StateError("The document does not say which part of the state it holds.") from error


def _digest(document: Document) -> str:
    """Digest all but the digest."""
    return sha256(b"".join(_lines(document))).hexdigest()


def _lines(document: Document) -> Iterator[bytes]:
    for name in sorted(document, key=str):
        if name != _DIGEST:
            yield json.dumps([name, document[name]], sort_keys=True).encode()
