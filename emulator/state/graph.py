"""Objects of the engine as JSON and back: each once, however many refer to it, so that content stays stored once.

An object is written as its fields. One that has to say more about it, because it holds what can be made anew, says so
by `__getstate__` and `__setstate__`, Python's own names for that. One that holds many things of a kind, as a queue
does its messages, gives them as `rows`, short lists of values, and gets each back by `take`: so no step is long,
however deep the queue. What compiled rules are made of is in compiled.py.

The objects come first to last as an element each: first what it is made of, then it, then its rows, some at a time.
The last element is how the timers follow one another.
"""

import importlib
import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import islice
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import force_setattr

from pocketbus.emulator import errors
from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.memory import age_the_young
from pocketbus.emulator.message import NO_ATTRIBUTES, Text
from pocketbus.emulator.state.compiled import DERIVED, LEAVES
from pocketbus.emulator.state.text import ROWS, is_rows, loads
from pocketbus.emulator.time.deadlines import Deadline
from pocketbus.emulator.topics.publication import Publication

ROOM: Final = "pocketbus.emulator."
_FOLDERS: Final = {
    "": "arn envelope message",
    "queues.": "dedup holdings queue queue_settings redrive",
    "topics.": (
        "audience confirmation delivery_policy envelope platform publication sms subscription topic topic_archive "
        "topic_settings"
    ),
    "buses.": (
        "api_destination archive bus bus_event bus_log bus_policy connection endpoint event_source replay rule target"
    ),
    "custombuses.": "bus event filters log resource_policy source subscriber subscriber_settings webhook_auth",
    "logs.": "chunk",
    "schedules.": "client_tokens schedule schedule_group schedule_target",
    "functions.": "deployed mapping mapping_settings",
    "pipes.": "feed pipe pipe_settings",
    "deliveries.": "log_group outbox pace request_template retry_policy",
}
MODULES: Final = frozenset(folder + name for folder, names in _FOLDERS.items() for name in names.split())
"""The modules whose objects make up the state; a document can name no others."""


class GraphError(ValueError):
    """What was read is no graph of the engine's objects; the text says why."""


@cache
def name_of(kind: type) -> str:
    """Return the name of a class of the engine, with its module; raise GraphError if it is no part of the state."""
    if kind in LEAVES:
        return kind.__name__
    module = kind.__module__.removeprefix(ROOM)
    if module not in MODULES:
        raise GraphError(f"{kind.__qualname__} is no part of the state")
    return f"{module}.{kind.__name__}"


@cache
def class_of(name: str) -> Any:
    """Return the class of a name; raise GraphError if it is none that makes up the state."""
    for leaf in LEAVES:
        if leaf.__name__ == name:
            return leaf
    module, _, last = name.rpartition(".")
    found = getattr(importlib.import_module(ROOM + module), last, None) if module in MODULES else None
    if not isinstance(found, type) or found.__module__ != ROOM + module:
        raise GraphError(f"{name!r} is no class of the state")
    return found


Element = dict[str, Any]

_ROWS_AN_ELEMENT: Final = 100
MANY: Final = 5_000
"""Objects that are gone through between two looks of the collector."""


class Writer:
    """Writes values for JSON; `elements` are the objects that were met, each after what it refers to."""

    refers = False
    """Whether what logs have outside of memory is referred to."""

    def __init__(self) -> None:
        self._objects: list[Element] = []
        self._with_rows: deque[tuple[int, Any]] = deque()
        self._numbers: dict[int, int] = {}
        self._texts: dict[Hashable, int] = {}
        self._contents: dict[str, int] = {}
        self._timers: list[int] = []
        self._met: list[Any] = []
        """Kept alive, so that no other object gets the identity of one."""

    def elements(self) -> Iterator[Element]:
        """Yield what was met while values were written, and whatever that leads to; to be asked for last."""
        yield from self._new_objects()
        while self._with_rows:
            number, value = self._with_rows.popleft()
            rows = self._rows(value)
            while part := list(islice(rows, _ROWS_AN_ELEMENT)):
                yield from self._new_objects()
                yield {ROWS: part, "of": number}
        yield {"timers": self._ranks()}

    def _rows(self, value: Any) -> Iterator[Any]:
        if not hasattr(value, "plain_rows"):
            return map(self._write_row, value.rows())
        return iter(value.references() if self.refers else value.rows())

    def _new_objects(self) -> Iterator[Element]:
        while self._objects:
            objects, self._objects = self._objects, []
            yield from objects

    def _ranks(self) -> list[int]:
        """Number the timers by their order: the same calls give the same, whatever else was timed meanwhile."""
        ranks = [0] * len(self._timers)
        for rank, number in enumerate(sorted(range(len(ranks)), key=self._timers.__getitem__)):
            ranks[number] = rank
        return ranks

    def _write_row(self, row: list[Any]) -> list[Any]:
        return [
            part
            if type(part) in _PLAIN
            else self._write_text(part)
            if type(part) is Text
            else self.write(part)
            for part in row
        ]

    def _write_text(self, text: Text) -> dict[str, Any]:
        """Write content where it is met first, and then as a reference to that: what is the same counts as one."""
        key = text.body, text.trace_header, tuple(text.attributes.items())
        number = self._texts.get(key)
        if number is not None:
            return {"again": number}
        self._texts[key] = len(self._texts)
        written: dict[str, Any] = {"text": text.body}
        if text.attributes:
            written["attributes"] = self.write(text.attributes)
        if text.trace_header is not None:
            written["trace_header"] = text.trace_header
        return written

    def write(self, value: Any) -> Any:
        kind: Any = type(value)
        return value if kind in _PLAIN else self.form_of(kind)(self, value)

    def form_of(self, kind: type) -> "Write":
        """Return what writes the values of a class."""
        return writer_of(kind)

    def name_of(self, kind: type) -> str:
        """Return the name of a class. Raise GraphError for one that is not written here."""
        return name_of(kind)

    def write_all(self, values: Iterable[Any]) -> list[Any]:
        return [self.write(value) for value in values]

    def refer(self, value: Any) -> dict[str, int]:
        """Write an object once, and a reference to it."""
        number = self._numbers.get(id(value))
        if number is None and type(value) is Publication:
            # A log may have let go of it, and read it again: what is the same counts as one.
            number = self._contents.setdefault(json.dumps(value.written()), len(self._numbers))
            number = None if number == len(self._numbers) else number
        if number is None:
            number = self._numbers[id(value)] = len(self._numbers)
            self._met.append(value)
            kind: Any = type(value)
            name, state = self.name_of(kind), self._state(value)
            self._objects.append({"number": number, "class": name, "state": state})
            if hasattr(kind, "rows"):
                self._with_rows.append((number, value))
        return {"ref": number}

    def write_timer(self, timer: "Deadline[Any]") -> dict[str, Any]:
        self._timers.append(timer.order)
        return {"timer": timer.at, "number": len(self._timers) - 1}

    def _state(self, value: Any) -> Any:
        leaf = LEAVES.get(type(value))
        if leaf is not None:
            return self.write(leaf.write(value))
        return {name: self.write(part) for name, part in _parts(value).items()}


_PLAIN: Final = frozenset({type(None), bool, int, float, str})
_NESTED: Final = frozenset({list, dict})


def _write_engine(_writer: Writer, value: Core | Ids) -> Any:
    return {"engine": "ids" if isinstance(value, Ids) else "core"}


def _write_deadline(writer: Writer, value: "Deadline[Any]") -> Any:
    return writer.write_timer(value)


def _write_error(_writer: Writer, value: EngineError) -> Any:
    return {"error": value.name, "message": value.message}


def _write_enum(writer: Writer, value: Enum) -> Any:
    return {"enum": writer.name_of(type(value)), "value": value.value}


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
    return {"named": writer.name_of(type(value)), "fields": writer.write_all(value)}


def _write_set(writer: Writer, value: frozenset[Any] | set[Any]) -> Any:
    return {type(value).__name__: writer.write_all(sorted(value))}


def _write_list(writer: Writer, value: list[Any]) -> Any:
    return writer.write_all(value)


Write = Callable[[Writer, Any], Any]

_WRITERS: Mapping[type, Write] = {
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
def writer_of(kind: type) -> Write:
    """Return what writes the values of a class."""
    return next((write for base, write in _WRITERS.items() if issubclass(kind, base)), Writer.refer)


class Reader:
    """Makes the objects anew, around another core; nothing of the engine is touched. `objects` are all of them.

    `check` is asked about the state of each before it is made of it.
    """

    def __init__(
        self, core: Core, check: Callable[[type, Mapping[str, Any]], None] = lambda _kind, _state: None
    ) -> None:
        self._check = check
        self._core = core
        self._by_number: dict[int, Any] = {}
        self._texts: list[Text] = []
        self._ranks: list[int] = []

    @property
    def objects(self) -> Collection[Any]:
        """All objects, in their order."""
        return self._by_number.values()

    def take(self, elements: Iterable[Element | bytes]) -> Iterator[None]:
        """Make all objects of their elements, given as they are or as JSON, step by step."""
        declared: deque[Element] = deque()
        rows: deque[Element | bytes] = deque()
        for element in elements:
            if is_rows(element):
                rows.append(element)
            else:
                self._declare(loads(element) if isinstance(element, bytes) else element, declared)
            yield
        while declared:
            self._complete(declared.popleft())
            if len(declared) % MANY == 0:
                age_the_young()
            yield
        while rows:
            self._take_rows(rows.popleft())
            yield

    def _declare(self, element: Element, declared: deque[Element]) -> None:
        """Have an object, which others may refer to; it is completed once all are there."""
        if "timers" in element:
            self._ranks = element["timers"]
            return
        number, kind = element["number"], self.class_of(element["class"])
        if number in self._by_number:
            raise GraphError(f"there are two objects {number}")
        self._by_number[number] = None if kind in LEAVES else _blank(kind)
        declared.append(element)

    def _complete(self, element: Element) -> None:
        number = element["number"]
        leaf = LEAVES.get(self.class_of(element["class"]))
        if leaf is not None:
            self._by_number[number] = leaf.read(self.read(element["state"]))
        else:
            self._fill(self._by_number[number], element["state"])

    def _take_rows(self, element: Element | bytes) -> None:
        element = loads(element) if isinstance(element, bytes) else element
        owner = self.refer(element["of"])
        take, read = owner.take, self.read
        if hasattr(owner, "plain_rows"):
            for row in element[ROWS]:
                take(row)
            return
        for row in element[ROWS]:
            take([read(part) if type(part) in _NESTED else part for part in row])

    def read_timer(self, at: float, number: int, *, over: bool = False) -> "Deadline[Any]":  # noqa: ARG002
        """Return a timer in its place among others of its instant: the last element has told all of them."""
        return Deadline(at, self._ranks[number], None)

    def read_text(self, written: dict[str, Any]) -> Text:
        if len(written) == 1:
            text = Text(written["text"])
        else:
            attributes = self.read(written["attributes"]) if "attributes" in written else NO_ATTRIBUTES
            text = Text(written["text"], attributes, written.get("trace_header"))
        self._texts.append(text)
        return text

    def text(self, number: int) -> Text:
        return self._texts[number]

    def read(self, written: Any) -> Any:
        kind = type(written)
        if kind is dict:
            readers, form = self.readers, next(iter(written), "")
            if form not in readers:
                raise GraphError(f"{form!r} is no form of a value")
            return readers[form](self, written)
        return [self.read(one) for one in written] if kind is list else written

    @property
    def readers(self) -> "Mapping[str, Read]":
        """What reads each form of a value."""
        return READERS

    def class_of(self, name: str) -> Any:
        """Return the class of a name. Raise GraphError for one that is not read here."""
        return class_of(name)

    def refer(self, number: int) -> Any:
        if number not in self._by_number:
            raise GraphError(f"there is no object {number}")
        return self._by_number[number]

    def engine(self, name: str) -> Core | Ids:
        return self._core.ids if name == "ids" else self._core

    def _fill(self, value: Any, written: dict[str, Any]) -> None:
        state = {name: self.read(part) for name, part in written.items()}
        self._check(type(value), state)
        if isinstance(value, Struct):
            _fill_struct(value, state)
        elif hasattr(value, "__setstate__"):
            value.__setstate__(state)
        else:
            for name, part in state.items():
                setattr(value, name, part)


def _blank(kind: Any) -> Any:
    """Return an object of a class that is yet to be filled."""
    if issubclass(kind, Struct):
        return kind(**dict.fromkeys(kind.__struct_fields__))
    return kind.__new__(kind)


def _fill_struct(value: Struct, state: dict[str, Any]) -> None:
    if state.keys() != set(value.__struct_fields__):
        raise GraphError(f"{type(value).__name__} has other fields")
    derived = {name for kind, name in DERIVED if kind is type(value)}
    for name in sorted(state, key=derived.__contains__):
        part = DERIVED[type(value), name].read(value, state[name]) if name in derived else state[name]
        force_setattr(value, name, part)


def _read_named(reader: Reader, written: dict[str, Any]) -> Any:
    kind = _class_below(reader, tuple, written["named"])
    return kind(*reader.read(written["fields"]))


def _read_enum(reader: Reader, written: dict[str, Any]) -> Any:
    return _class_below(reader, Enum, written["enum"])(written["value"])


def _class_below(reader: Reader, base: type, name: str) -> Any:
    """Return a class that a document may have made by a call: others come to be without one."""
    kind: Any = reader.class_of(name)
    if not issubclass(kind, base):
        raise GraphError(f"{name} is no {base.__name__}")
    return kind


def _read_error(_reader: Reader, written: dict[str, Any]) -> EngineError:
    kind = getattr(errors, written["error"], None)
    if not isinstance(kind, type) or not issubclass(kind, EngineError):
        raise GraphError(f"{written['error']!r} is no error")
    return kind(written["message"])


Read = Callable[[Reader, dict[str, Any]], Any]

READERS: Final[Mapping[str, Read]] = {
    "ref": lambda reader, written: reader.refer(written["ref"]),
    "engine": lambda reader, written: reader.engine(written["engine"]),
    "timer": lambda reader, written: reader.read_timer(written["timer"], written["number"]),
    "text": Reader.read_text,
    "again": lambda reader, written: reader.text(written["again"]),
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
    if isinstance(value, Struct):
        return {
            name: DERIVED[type(value), name].write(value)
            if (type(value), name) in DERIVED
            else getattr(value, name)
            for name in value.__struct_fields__
        }
    state = value.__getstate__()
    if isinstance(state, tuple):
        state = {**(state[0] or {}), **state[1]}
    return {name: part for name, part in (state or {}).items() if name != "__orig_class__"}
