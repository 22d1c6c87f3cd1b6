"""Objects of the engine as JSON and back: each once, however many refer to it, so that content stays stored once.

An object is written as its fields. One that has to say more about it, because it holds what can be made anew, says so
by `__getstate__` and `__setstate__`, Python's own names for that. What compiled rules are made of is in compiled.py.
"""

import importlib
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

from pocketbus.emulator import errors
from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.state.compiled import DERIVED, LEAVES
from pocketbus.emulator.time.deadlines import Deadline

_ROOM: Final = "pocketbus.emulator."
_FOLDERS: Final = {
    "": "arn message",
    "queues.": "ages attempts dedup fair fifo holdings queue queue_settings receipts redrive stock",
    "topics.": (
        "audience confirmation delivery_policy envelope platform publication sms subscription topic topic_archive "
        "topic_settings"
    ),
    "buses.": (
        "api_destination archive bus bus_event bus_log bus_policy connection endpoint event_source replay rule target"
    ),
    "schedules.": "client_tokens schedule schedule_group schedule_target",
    "functions.": "deployed mapping mapping_settings",
    "deliveries.": "log_group outbox pace retry_policy",
    "time.": "deadlines",
}
_MODULES: Final = frozenset(folder + name for folder, names in _FOLDERS.items() for name in names.split())
"""The modules whose objects make up the state; a document can name no others."""


class GraphError(ValueError):
    """What was read is no graph of the engine's objects; the text says why."""


@cache
def name_of(kind: type) -> str:
    """Return the name of a class of the engine, with its module; raise GraphError if it is no part of the state."""
    if kind in LEAVES:
        return kind.__name__
    module = kind.__module__.removeprefix(_ROOM)
    if module not in _MODULES:
        raise GraphError(f"{kind.__qualname__} is no part of the state")
    return f"{module}.{kind.__name__}"


@cache
def class_of(name: str) -> Any:
    """Return the class of a name; raise GraphError if it is none that makes up the state."""
    for leaf in LEAVES:
        if leaf.__name__ == name:
            return leaf
    module, _, last = name.rpartition(".")
    found = getattr(importlib.import_module(_ROOM + module), last, None) if module in _MODULES else None
    if not isinstance(found, type) or found.__module__ != _ROOM + module:
        raise GraphError(f"{name!r} is no class of the state")
    return found


class Writer:
    """Writes values for JSON; `objects` are those that were met so far, each after what it refers to."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self._numbers: dict[int, int] = {}
        self._timers: list[tuple[int, dict[str, Any]]] = []
        self._met: list[Any] = []
        """Kept alive, so that no other object gets the identity of one."""

    def write(self, value: Any) -> Any:
        kind: Any = type(value)
        return value if kind in _PLAIN else _writer_of(kind)(self, value)

    def write_all(self, values: Iterable[Any]) -> list[Any]:
        return [self.write(value) for value in values]

    def refer(self, value: Any) -> dict[str, int]:
        """Write an object once, and a reference to it."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._numbers)
            self._met.append(value)
            kind: Any = type(value)
            name, state = name_of(kind), self._state(value)
            self.objects.append({"number": number, "class": name, "state": state})
        return {"ref": number}

    def write_timer(self, timer: "Deadline[Any]") -> dict[str, Any]:
        written: dict[str, Any] = {"timer": timer.at}
        self._timers.append((timer.order, written))
        return written

    def order_timers(self) -> None:
        """Number the timers that were written: the same calls give the same, whatever else was timed meanwhile."""
        for number, (_, written) in enumerate(sorted(self._timers, key=lambda timer: timer[0])):
            written["order"] = number

    def _state(self, value: Any) -> Any:
        leaf = LEAVES.get(type(value))
        if leaf is not None:
            return self.write(leaf.write(value))
        return {name: self.write(part) for name, part in _parts(value).items()}


_PLAIN: Final = frozenset({type(None), bool, int, float, str})


def _write_engine(_writer: Writer, value: Core | Ids) -> Any:
    return {"engine": "ids" if isinstance(value, Ids) else "core"}


def _write_deadline(writer: Writer, value: "Deadline[Any]") -> Any:
    return writer.write_timer(value) if callable(value.item) else writer.refer(value)


def _write_error(_writer: Writer, value: EngineError) -> Any:
    return {"error": value.name, "message": value.message}


def _write_enum(_writer: Writer, value: Enum) -> Any:
    return {"enum": name_of(type(value)), "value": value.value}


def _write_bytes(_writer: Writer, value: bytes) -> Any:
    return {"bytes": b64encode(value).decode("ascii")}


def _write_dict(writer: Writer, value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value):
        return {"map": {key: writer.write(part) for key, part in value.items()}}
    return {"dict": [[writer.write(key), writer.write(part)] for key, part in value.items()]}


def _write_deque(writer: Writer, value: "deque[Any]") -> Any:
    return {"deque": writer.write_all(value), "maxlen": value.maxlen}


def _write_tuple(writer: Writer, value: tuple[Any, ...]) -> Any:
    if type(value) is tuple:
        return {"tuple": writer.write_all(value)}
    return {"named": name_of(type(value)), "fields": writer.write_all(value)}


def _write_set(writer: Writer, value: frozenset[Any] | set[Any]) -> Any:
    return {type(value).__name__: writer.write_all(sorted(value))}


def _write_list(writer: Writer, value: list[Any]) -> Any:
    return writer.write_all(value)


_WRITERS: Mapping[type, Callable[[Writer, Any], Any]] = {
    Core: _write_engine,
    Ids: _write_engine,
    Deadline: _write_deadline,
    Enum: _write_enum,
    EngineError: _write_error,
    dict: _write_dict,
    list: _write_list,
    tuple: _write_tuple,
    deque: _write_deque,
    bytes: _write_bytes,
    set: _write_set,
    frozenset: _write_set,
}


@cache
def _writer_of(kind: type) -> Callable[[Writer, Any], Any]:
    return next((write for base, write in _WRITERS.items() if issubclass(kind, base)), Writer.refer)


class Reader:
    """Makes the objects anew, around another core; nothing of the engine is touched. `objects` are all of them."""

    def __init__(self, written: list[dict[str, Any]], core: Core) -> None:
        self._core = core
        kinds = [(one["number"], class_of(one["class"])) for one in written]
        if sorted(number for number, _ in kinds) != list(range(len(written))):
            raise GraphError("the objects are not numbered from 0 on, each once")
        self._by_number: dict[int, Any] = {
            number: kind.__new__(kind) for number, kind in kinds if kind not in LEAVES
        }
        for one, (number, kind) in zip(written, kinds, strict=True):
            leaf = LEAVES.get(kind)
            if leaf is not None:
                self._by_number[number] = leaf.read(self.read(one["state"]))
            else:
                self._fill(self._by_number[number], one["state"])
        self.objects = [self._by_number[number] for number, _ in kinds]

    def read(self, written: Any) -> Any:
        if isinstance(written, list):
            return [self.read(one) for one in written]
        if not isinstance(written, dict):
            return written
        form = next(iter(written), "")
        if form not in _READERS:
            raise GraphError(f"{form!r} is no form of a value")
        return _READERS[form](self, written)

    def refer(self, number: int) -> Any:
        if number not in self._by_number:
            raise GraphError(f"there is no object {number}")
        return self._by_number[number]

    def engine(self, name: str) -> Core | Ids:
        return self._core.ids if name == "ids" else self._core

    def _fill(self, value: Any, written: dict[str, Any]) -> None:
        state = {name: self.read(part) for name, part in written.items()}
        if is_dataclass(value):
            _fill_dataclass(value, state)
        elif hasattr(value, "__setstate__"):
            value.__setstate__(state)
        else:
            for name, part in state.items():
                setattr(value, name, part)


def _fill_dataclass(value: Any, state: dict[str, Any]) -> None:
    if {field.name for field in fields(value)} != state.keys():
        raise GraphError(f"{type(value).__name__} has other fields")
    derived = {name for kind, name in DERIVED if kind is type(value)}
    for name in sorted(state, key=derived.__contains__):
        part = DERIVED[type(value), name].read(value, state[name]) if name in derived else state[name]
        object.__setattr__(value, name, part)


def _read_named(reader: Reader, written: dict[str, Any]) -> Any:
    kind = _class_below(tuple, written["named"])
    return kind(*reader.read(written["fields"]))


def _read_enum(_reader: Reader, written: dict[str, Any]) -> Any:
    return _class_below(Enum, written["enum"])(written["value"])


def _class_below(base: type, name: str) -> Any:
    """Return a class that a document may have made by a call: others come to be without one."""
    kind: Any = class_of(name)
    if not issubclass(kind, base):
        raise GraphError(f"{name} is no {base.__name__}")
    return kind


def _read_error(_reader: Reader, written: dict[str, Any]) -> EngineError:
    kind = getattr(errors, written["error"], None)
    if not isinstance(kind, type) or not issubclass(kind, EngineError):
        raise GraphError(f"{written['error']!r} is no error")
    return kind(written["message"])


_READERS: Mapping[str, Callable[[Reader, dict[str, Any]], Any]] = {
    "ref": lambda reader, written: reader.refer(written["ref"]),
    "engine": lambda reader, written: reader.engine(written["engine"]),
    "timer": lambda _reader, written: Deadline(written["timer"], written["order"], None),
    "enum": _read_enum,
    "error": _read_error,
    "bytes": lambda _reader, written: b64decode(written["bytes"], validate=True),
    "map": lambda reader, written: {key: reader.read(part) for key, part in written["map"].items()},
    "dict": lambda reader, written: {reader.read(key): reader.read(part) for key, part in written["dict"]},
    "deque": lambda reader, written: deque(reader.read(written["deque"]), written["maxlen"]),
    "tuple": lambda reader, written: tuple(reader.read(written["tuple"])),
    "named": _read_named,
    "set": lambda reader, written: set(reader.read(written["set"])),
    "frozenset": lambda reader, written: frozenset(reader.read(written["frozenset"])),
}


def _parts(value: Any) -> Mapping[str, Any]:
    """Return what an object is made of, by name."""
    if is_dataclass(value):
        return {
            field.name: DERIVED[type(value), field.name].write(value)
            if (type(value), field.name) in DERIVED
            else getattr(value, field.name)
            for field in fields(value)
        }
    state = value.__getstate__()
    if isinstance(state, tuple):
        state = {**(state[0] or {}), **state[1]}
    return {name: part for name, part in (state or {}).items() if name != "__orig_class__"}
