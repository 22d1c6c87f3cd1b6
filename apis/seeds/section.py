"""A section of a seed: one kind of resource, the operation that makes it, how it is found, changed and listed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from pocketbus.apis.model import Operation
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.service import Service

Parameters = dict[str, Any]
Path = tuple[str | int, ...]

ALL = "*"
"""In the path of a reference: each item of a list."""


class Reference(Struct, frozen=True):
    """Where a parameter holds an ARN for which a seed may give a name, and of what kinds of resource."""

    path: tuple[str, ...]
    kinds: tuple[str, ...]
    only_if: tuple[str, str] | None = None
    """A parameter and the value with which alone this is a reference."""

    def applies(self, parameters: Mapping[str, Any]) -> bool:
        return self.only_if is None or parameters.get(self.only_if[0]) == self.only_if[1]


class Section(Struct, frozen=True):
    """One kind of resource; parameters are those of the operation that makes it."""

    name: str
    service: Service
    making: str
    """The operation that makes one."""
    key: tuple[str, ...]
    """The parameters that tell one from the others."""
    keys: Callable[[Operations], Iterator[Parameters]]
    """Yields the keys of all there are."""
    read: Callable[[Operations, Parameters], Parameters | None]
    """Returns all parameters of what is there under a key; None: nothing is."""
    change: Callable[[Operations, Parameters, Parameters], None]
    """Takes what is there and what of it is to become different."""
    making_by: Callable[[Operations, Parameters], None] | None = None
    """Makes one where the operation alone does not do."""
    kind: str | None = None
    """What references call it, if they can."""
    attributes: tuple[str, ...] = ()
    """The names that the map Attributes can have."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """The attributes that AWS gives one of which nothing is said, if they are always the same."""
    later: frozenset[str] = frozenset()
    """Attributes that are set once all of the section are there, as they name one another."""
    references: tuple[Reference, ...] = ()
    leave_out: frozenset[str] = field(default_factory=frozenset)
    """Parameters of the operation that no seed can give."""

    @property
    def operation(self) -> Operation:
        return self.service.model.operations[self.making]

    @property
    def members(self) -> list[str]:
        return [one.name for one in self.operation.input.members if one.name not in self.leave_out]

    def make(self, operations: Operations, parameters: Parameters) -> None:
        if self.making_by is not None:
            self.making_by(operations, parameters)
        else:
            operations(self.service, self.making, **parameters)


class Entry(Struct, frozen=True):
    """One resource that a seed asks for; `path` is where it stands in its file, which is the `source`."""

    section: str
    parameters: Any
    """A table of parameters, once it has been checked."""
    path: Path = ()
    source: Any = None
    account: str | None = None
    region: str | None = None


class Mistake(Struct, frozen=True):
    """What is wrong with a seed, and where: the file, and the path in it."""

    source: Any
    path: Path
    text: str


class SeedError(Exception):
    """A seed cannot be applied, and nothing has changed."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(mistake.text for mistake in mistakes))
        self.mistakes = mistakes


def present(parameters: Mapping[str, Any]) -> Parameters:
    """Leave out what has no value, at any depth."""
    kept = ((name, _present(value)) for name, value in parameters.items())
    return {name: value for name, value in kept if value not in (None, {}, [], "")}


def _present(value: Any) -> Any:
    match value:
        case dict():
            return present(value)
        case list():
            return [_present(one) for one in value]
        case _:
            return value


def tags_of(listed: list[Mapping[str, str]]) -> list[dict[str, str]]:
    """Put tags into the order of their keys."""
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in sorted(listed, key=lambda tag: tag["Key"])]
