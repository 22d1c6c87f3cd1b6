"""What is under way as part of a document of the state: objects of any class of the engine, and what calls them.

A snapshot has such a document, written and read by this very release; no document that comes from outside is read so.
"""

import asyncio
import importlib
from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType, MethodType
from typing import Any, Final

from pocketbus.emulator.component import Component
from pocketbus.emulator.core import Core
from pocketbus.emulator.door import Door
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.ids import Chance, Ids, chance_of
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.queues.receipts import Received
from pocketbus.emulator.state.compiled import LEAVES
from pocketbus.emulator.state.graph import READERS, ROOM, GraphError, Read, Reader, Write, Writer, writer_of
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.deadlines import Deadline
from pocketbus.emulator.time.tasks import Tasks
from pocketbus.emulator.time.timers import KEPT, Timers
from pocketbus.emulator.trouble.effects import KINDS, Effect, effect_of, kind_of
from pocketbus.emulator.trouble.faults import Faults

_PARTS: Final[Mapping[type, str]] = {
    Core: "core",
    Ids: "ids",
    Clock: "clock",
    Door: "door",
    Timers: "timers",
    Tasks: "tasks",
    Trace: "trace",
    Faults: "faults",
}
"""What each engine has one of, beside its components, by the names that `Core` has for them."""


def name_of(kind: type) -> str:
    """Return the name of any class of the engine, with its module. Raise GraphError."""
    if kind in LEAVES:
        return kind.__name__
    if not kind.__module__.startswith(ROOM):
        raise GraphError(f"{kind.__qualname__} is no class of the engine")
    return f"{kind.__module__.removeprefix(ROOM)}.{kind.__qualname__}"


@cache
def class_of(name: str) -> Any:
    """Return the class of a name. Raise GraphError."""
    for leaf in LEAVES:
        if leaf.__name__ == name:
            return leaf
    module, _, last = name.rpartition(".")
    found = getattr(importlib.import_module(ROOM + module), last, None)
    if not isinstance(found, type):
        raise GraphError(f"{name!r} is no class of the engine")
    return found


def _write_part(_writer: Writer, value: object) -> Any:
    kinds = (name for kind, name in _PARTS.items() if isinstance(value, kind))
    return {"engine": next(kinds, type(value).__name__)}


def _write_method(writer: Writer, value: MethodType) -> Any:
    return {"method": value.__name__, "of": writer.write(value.__self__)}


def _write_partial(writer: Writer, value: "partial[Any]") -> Any:
    return {"partial": writer.write(value.func), "arguments": writer.write_all(value.args)}


def _write_error(writer: Writer, value: EngineError) -> Any:
    return {
        "failure": name_of(type(value)),
        "arguments": writer.write_all(value.args),
        "attributes": writer.write(vars(value)),
    }


def _write_future(writer: Writer, value: "asyncio.Future[Any]") -> Any:
    if not value.done():
        return {"future": None}
    return {"future": None if value.cancelled() else [writer.write(value.result())]}


def _write_received(_writer: Writer, value: Received) -> Any:
    """The message is its queue's."""
    return {"received": value.receipt_handle}


def _write_chance(_writer: Writer, value: Chance) -> Any:
    return {"chance": value.getstate()}


def _write_effect(writer: Writer, value: Effect) -> Any:
    details = {name: getattr(value, name) for name in value.__struct_fields__}
    return {"effect": kind_of(value), "details": writer.write(details)}


def _write_mapping(writer: Writer, value: Mapping[str, Any]) -> Any:
    return writer.write(dict(value))


_WRITERS: Final[Mapping[type, Write]] = {
    **dict.fromkeys((*_PARTS, Component), _write_part),
    MethodType: _write_method,
    partial: _write_partial,
    EngineError: _write_error,
    asyncio.Future: _write_future,
    Received: _write_received,
    Chance: _write_chance,
    MappingProxyType: _write_mapping,
    **dict.fromkeys(KINDS.values(), _write_effect),
}


@cache
def _writer_of(kind: type) -> Write:
    return next((write for base, write in _WRITERS.items() if issubclass(kind, base)), writer_of(kind))


class MomentWriter(Writer):
    """Writes what is under way, too."""

    refers = True

    def name_of(self, kind: type) -> str:
        return name_of(kind)

    def form_of(self, kind: type) -> Write:
        return _writer_of(kind)

    def write_timer(self, timer: Deadline[Any]) -> dict[str, Any]:
        """Tell a timer that is over from others: it stays so, whoever remembers it."""
        written = super().write_timer(timer)
        return {**written, "over": True} if timer.item is None else written


def _read_partial(reader: Reader, written: dict[str, Any]) -> Any:
    return partial(reader.read(written["partial"]), *reader.read(written["arguments"]))


def _read_failure(reader: Reader, written: dict[str, Any]) -> EngineError:
    kind = class_of(written["failure"])
    error: EngineError = kind.__new__(kind, *reader.read(written["arguments"]))
    vars(error).update(reader.read(written["attributes"]))
    return error


def _read_future(reader: Reader, written: dict[str, Any]) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    if written["future"] is not None:
        future.set_result(reader.read(written["future"])[0])
    return future


def _read_chance(_reader: Reader, written: dict[str, Any]) -> Chance:
    return chance_of(written["chance"])


def _read_effect(reader: Reader, written: dict[str, Any]) -> Effect:
    details = reader.read(written["details"])
    return effect_of(
        written["effect"], {name: detail for name, detail in details.items() if detail is not None}
    )


_READERS: Final[Mapping[str, Read]] = {
    **READERS,
    "method": lambda reader, written: getattr(reader.read(written["of"]), written["method"]),
    "partial": _read_partial,
    "failure": _read_failure,
    "future": _read_future,
    "timer": lambda reader, written: reader.read_timer(
        written["timer"], written["number"], over="over" in written
    ),
    "received": lambda _reader, written: Received(None, written["received"]),  # type: ignore[arg-type]
    "chance": _read_chance,
    "effect": _read_effect,
}


class MomentReader(Reader):
    """Reads that, around an engine that runs on the event loop of the moment."""

    @property
    def readers(self) -> Mapping[str, Read]:
        return _READERS

    def class_of(self, name: str) -> Any:
        return class_of(name)

    def read_timer(self, at: float, number: int, *, over: bool = False) -> Deadline[Any]:
        timer = super().read_timer(at, number)
        timer.item = None if over else KEPT
        return timer

    def engine(self, name: str) -> Any:
        if name == "core":
            return self._core
        if name in _PARTS.values():
            return getattr(self._core, name)
        return next(one for one in self._core.components if type(one).__name__ == name)
