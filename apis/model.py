"""The AWS service models as small frozen records, read from the stripped JSON files in models/.

Protocols, old wire names and constraint texts are the codec's affair.
"""

import json
from collections.abc import Mapping
from pkgutil import get_data
from typing import Any, NamedTuple

from msgspec import Struct


class Shape(Struct, frozen=True):
    """A type of the model; `item`, `key` and `value` are set where the type has them.

    `entry` holds the names that the query protocol gives a map's key and value, where they are not the usual ones.
    """

    name: str
    type: str
    members: "tuple[Member, ...]" = ()
    item: "Shape | None" = None
    key: "Shape | None" = None
    value: "Shape | None" = None
    entry: tuple[str, str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    union: bool = False
    payload: str | None = None
    """The member that is the whole body of a REST request or answer, if one is."""

    @property
    def member_names(self) -> frozenset[str]:
        return frozenset(member.name for member in self.members)

    @property
    def element(self) -> "Shape":
        """The shape of a list's items or of a map's values."""
        element = self.item or self.value
        if element is None:
            raise TypeError(f"{self.name} is neither a list nor a map")
        return element


class Member(Struct, frozen=True):
    """`location` is where a REST protocol has it, if not in the body: uri, querystring, header, headers, statusCode."""

    name: str
    shape: Shape
    required: bool
    location: str = ""
    wire_name: str = ""


class Http(NamedTuple):
    """How REST protocols name an operation, and the status of its success."""

    method: str
    uri: str
    status: int


class Operation:
    """`http` is None where the protocol is none of the REST ones. Shapes are built when they are first asked for."""

    def __init__(self, name: str, http: Http | None, shapes: "_Shapes", raw: Mapping[str, Any]) -> None:
        self.name = name
        self.http = http
        self._shapes = shapes
        self._input: str | None = raw.get("input")
        self._output: str | None = raw.get("output")

    @property
    def input(self) -> Shape:
        return self._shapes.shape(self._input) or NOTHING

    @property
    def output(self) -> Shape | None:
        return self._shapes.shape(self._output)


class ErrorShape(Struct, frozen=True):
    """What the wire says of one error class: its code, its HTTP status, and whether the sender is to blame.

    `members` are the names of its members: REST services spell that of the message in two ways.
    """

    name: str
    code: str
    status: int = 400
    sender: bool = True
    members: tuple[str, ...] = ()


class ServiceModel(Struct, frozen=True):
    """One service; `json_version` and `target_prefix` are empty where it has no protocol of JSON targets.

    `sdk_name` is what Scheduler's universal targets call it.
    """

    name: str
    protocol: str
    sdk_name: str
    json_version: str
    target_prefix: str
    xml_namespace: str
    operations: Mapping[str, Operation]
    errors: Mapping[str, ErrorShape]


NOTHING = Shape("Nothing", "structure")


def load(service: str) -> ServiceModel:
    """Read the model of a service by the name that its requests are signed for, such as `sqs`."""
    return read(service, json.loads(get_data("pocketbus.apis.models", f"{service}.json") or b""))


def read(service: str, raw: Mapping[str, Any]) -> ServiceModel:
    """Read a service's stripped model."""
    shapes = _Shapes(raw["shapes"])
    metadata = raw["metadata"]
    return ServiceModel(
        name=service,
        protocol=metadata["protocol"],
        sdk_name=metadata["serviceId"].lower().replace(" ", ""),
        json_version=metadata.get("jsonVersion", ""),
        target_prefix=metadata.get("targetPrefix", ""),
        xml_namespace=metadata.get("xmlNamespace", ""),
        operations={
            name: Operation(name, Http(*one["http"]) if "http" in one else None, shapes, one)
            for name, one in raw["operations"].items()
        },
        errors={name: _error(name, shape) for name, shape in raw["shapes"].items() if "exception" in shape},
    )


class _Shapes:
    """Builds each shape once; no shape of these models contains itself."""

    def __init__(self, raw: dict[str, dict[str, Any]]) -> None:
        self._raw = raw
        self._shapes: dict[str | None, Shape | None] = {None: None}

    def shape(self, name: str | None) -> Shape | None:
        if name is not None and name not in self._shapes:
            self._shapes[name] = self._build(name, self._raw[name])
        return self._shapes[name]

    def _build(self, name: str, raw: dict[str, Any]) -> Shape:
        return Shape(
            name=name,
            type=raw["type"],
            members=self._members(raw),
            item=self.shape(raw.get("member")),
            key=self.shape(raw.get("key")),
            value=self.shape(raw.get("value")),
            entry=tuple(raw["entry"]) if "entry" in raw else None,
            minimum=raw.get("min"),
            maximum=raw.get("max"),
            pattern=raw.get("pattern"),
            enum=tuple(raw.get("enum", ())),
            sensitive=raw.get("sensitive", False),
            union=raw.get("union", False),
            payload=raw.get("payload"),
        )

    def _members(self, raw: dict[str, Any]) -> tuple[Member, ...]:
        required = raw.get("required", ())
        members = []
        for name, written in raw.get("members", {}).items():
            shape, *place = [written] if isinstance(written, str) else written
            members.append(Member(name, self.shape(shape) or NOTHING, name in required, *place))
        return tuple(members)


def _error(name: str, raw: dict[str, Any]) -> ErrorShape:
    trait = raw.get("error", {})
    fault = raw.get("fault", False)
    status = trait.get("httpStatusCode", 500 if fault else 400)
    return ErrorShape(
        name, trait.get("code", name), status, sender=status < 500, members=tuple(raw.get("members", ()))
    )
