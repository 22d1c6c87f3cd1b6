"""What clients were heard to say: whole calls that succeeded, and every value in them by where it can be said again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from botocore.response import StreamingBody

from pocketbus import Emulator
from pocketbus.apis.model import Shape
from pocketbus.apis.service import Service, snake_case

# Shapes of these names say nothing of what they are for.
_VAGUE = frozenset({"string", "integer", "boolean", "long", "nullableinteger", "boxedinteger"})


_CONTAINERS = frozenset({"structure", "list", "map"})

Subject = tuple[str, str]
"""A type, and what a value of it is about; of lists and the like, the very shape."""


class Place(NamedTuple):
    """Where a value stands: its shape, and the name of the member or the key of the map that holds it."""

    shape: Shape
    name: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What a value here may be about, most precise first: a `ConnectionArn` may be any ARN too."""
        shape = self.shape
        if shape.type in _CONTAINERS:
            return ((shape.type, str(id(shape))),)
        names = [self.name, snake_case(self.name).rpartition("_")[2]]
        if shape.name.lower() not in _VAGUE:
            names.insert(0, shape.name)
        return tuple((shape.type, name) for name in names)


class Vocabulary:
    """Values by subject, and whole inputs by service and operation, the latest last. A copy learns on by itself."""

    def __init__(self) -> None:
        self._values: dict[Subject, list[Any]] = defaultdict(list)
        self._inputs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    def copy(self) -> "Vocabulary":
        copy = Vocabulary()
        copy._values.update({subject: list(values) for subject, values in self._values.items()})
        copy._inputs.update({call: list(inputs) for call, inputs in self._inputs.items()})
        return copy

    def inputs(self, service: str, operation: str) -> list[dict[str, Any]]:
        return self._inputs.get((service, operation), [])

    def values(self, place: Place) -> list[list[Any]]:
        """Return the values that may stand at a place, by how well they fit."""
        found = (self._values.get(subject) for subject in place.subjects)
        return [values for values in found if values]

    def keys(self, place: Place) -> list[str]:
        """Return the keys that a map at a place was seen with."""
        return [
            key
            for values in self.values(place)
            for value in values
            if isinstance(value, dict)
            for key in value
        ]

    def hear(self, service: Service, operation: str, params: Mapping[str, Any], result: Any) -> None:
        """Learn from a call that succeeded."""
        model = service.model.operations[operation]
        known = self._inputs[service.name, operation]
        _put_last(known, dict(params))
        self._learn(Place(model.input, operation), params)
        if model.output is not None:
            self._learn(Place(model.output, operation), result)

    def _learn(self, place: Place, value: Any) -> None:
        for subject in place.subjects:
            _put_last(self._values[subject], value)
        for inner, part in _parts(place, value):
            self._learn(inner, part)


def _put_last(values: list[Any], value: Any) -> None:
    if value in values:
        values.remove(value)
    values.append(value)


def _parts(place: Place, value: Any) -> Iterable[tuple[Place, Any]]:
    shape = place.shape
    match shape.type:
        case "structure":
            shapes = {member.name: member.shape for member in shape.members}
            return [(Place(shapes[name], name), part) for name, part in value.items() if name in shapes]
        case "list":
            return [(Place(shape.element, place.name), part) for part in value]
        case "map":
            return [(Place(shape.element, key), part) for key, part in value.items()]
    return []


class Listening:
    """Stands for an emulator and hears what its clients say."""

    def __init__(self, emulator: Emulator, services: Iterable[Service], vocabulary: Vocabulary) -> None:
        self._emulator = emulator
        self._services = {service.name: service for service in services}
        self._vocabulary = vocabulary

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    def client(self, name: str) -> Any:
        client = self._emulator.client(name)
        said: dict[str, Any] = {}

        def speak(params: dict[str, Any], **_: Any) -> None:
            said.clear()
            said.update(params)

        def answer(parsed: dict[str, Any], model: Any, **_: Any) -> None:
            if "Error" not in parsed:
                # Who asked reads what comes as a stream.
                heard = {key: value for key, value in parsed.items() if not isinstance(value, StreamingBody)}
                self._vocabulary.hear(self._services[name], model.name, said, heard)

        client.meta.events.register("provide-client-params", speak)
        client.meta.events.register("after-call", answer)
        return client
