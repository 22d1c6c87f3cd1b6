"""A service: its operations by name, and their binding to the model that makes a route of each."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

from msgspec import Struct

from pocketbus.apis.call import Call
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.codec import Codec, codecs_of
from pocketbus.apis.codec.errors import ErrorShapes
from pocketbus.apis.codec.errors import NotImplemented as NotImplementedHere
from pocketbus.apis.codec.validate import Params, Validate, validator
from pocketbus.apis.model import Operation, load
from pocketbus.apis.readers import is_reader
from pocketbus.emulator.errors import EngineError

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Turn AWS's name into the one boto3 uses: `QueueOwnerAWSAccountId` into `queue_owner_aws_account_id`.

    A word starts at a capital after a small letter or digit, and at the last capital of a run of them.
    """
    return _WORD_START.sub("_", name).lower()


class Route:
    """One operation in one protocol: from the payload to the answer.

    What it takes to get there is compiled when it is first asked for, and is an attribute from then on.
    """

    __slots__ = (
        "_service",
        "codec",
        "decode",
        "encode",
        "name",
        "noted_as",
        "operation",
        "perform",
        "service",
        "takes_queue_url",
        "validate",
    )

    takes_queue_url: bool
    decode: Callable[[Any], Params]
    validate: Validate
    perform: Callable[[Call, Params], Any]
    """Returns the result or, where it has to be waited for, a coroutine of it."""
    encode: Callable[[Any, str], Answer]

    def __init__(self, service: "Service", operation: Operation, codec: Codec) -> None:
        self._service = service
        self.service = service.name
        self.operation = operation
        self.name = operation.name
        self.codec = codec
        self.noted_as = (
            None if is_reader(service.name, operation.name) else f"{service.name}.{operation.name}"
        )

    def __getattr__(self, name: str) -> Any:
        """Compile; raise ValueError where the operation's function does not fit the model."""
        if name not in Route.__slots__:
            raise AttributeError(name)
        operation, codec = self.operation, self.codec
        function = self._service.function(operation)
        self.takes_queue_url = any(member.name == "QueueUrl" for member in operation.input.members)
        self.encode = codec.encoder(operation)
        if function is None:
            self.decode, self.validate = lambda _payload: {}, lambda _params: None
            self.perform = _refusal(f"The operation {operation.name} of {self.service} is not implemented.")
        else:
            self.decode, self.validate = codec.decoder(operation), validator(self.service, operation)
            self.perform = _binding(operation, function)
        return getattr(self, name)


class Coverage(Struct, frozen=True):
    """The operations of one service, each in the model's order."""

    implemented: tuple[str, ...]
    unimplemented: tuple[str, ...]


class Service:
    """One service: its model, its protocols and the operations that are implemented.

    These are defined in the module `operations` of its package, which is loaded when the first of them is needed.
    """

    def __init__(self, name: str, package: str | None = None) -> None:
        self.name = name
        self.model = load(name)
        self.errors = ErrorShapes(self.model)
        self.json, self.query, self.rest, self.cbor = codecs_of(self.model)
        self._package = package
        self._functions: dict[str, Function] = {}

    def operation(self, function: F) -> F:
        """Record an operation under its function's name, which is the model's in snake case."""
        name = function.__name__
        if self._functions.setdefault(name, function) is not function:
            raise ValueError(f"{self.name}: {name} is defined twice")
        return function

    def function(self, operation: Operation) -> Function | None:
        """Return what carries an operation out, None if nothing does."""
        return self._defined().get(snake_case(operation.name))

    def _defined(self) -> Mapping[str, Function]:
        if self._package is not None:
            import_module(f"{self._package}.operations")
            self._package = None
        return self._functions

    def check(self) -> None:
        """Raise ValueError where an operation does not fit the model."""
        unknown = self._defined().keys() - set(map(snake_case, self.model.operations))
        if unknown:
            raise ValueError(f"{self.name} has no operation {', '.join(sorted(unknown))}")
        for operation in self.model.operations.values():
            function = self.function(operation)
            if function is not None:
                _keywords(operation, function)

    def coverage(self) -> Coverage:
        done = {
            name: self.function(operation) is not None for name, operation in self.model.operations.items()
        }
        return Coverage(
            implemented=tuple(name for name, is_done in done.items() if is_done),
            unimplemented=tuple(name for name, is_done in done.items() if not is_done),
        )

    def routes(self, codec: Codec) -> Iterator[Route]:
        """Yield every operation in one protocol."""
        return (Route(self, operation, codec) for operation in self.model.operations.values())


def code_of(service: Service, error: EngineError) -> tuple[str, bool]:
    """Return the code of an error and whether the sender is to blame, as the entry of a batch names them."""
    shape = service.errors.of(error)
    return shape.code, shape.sender


def failed_entry(service: Service, entry_id: str, error: EngineError) -> dict[str, Any]:
    """Return what a batch answers for an entry that was not carried out."""
    code, sender = code_of(service, error)
    return {"Id": entry_id, "SenderFault": sender, "Code": code, "Message": error.message}


def _refusal(text: str) -> Callable[[Call, Params], Any]:
    def refuse(_call: Call, _params: Params) -> None:
        raise NotImplementedHere(text)

    return refuse


def _binding(operation: Operation, function: Function) -> Callable[[Call, Params], Any]:
    keywords = _keywords(operation, function)

    def perform(call: Call, params: Params) -> Any:
        given = {}
        for name, value in params.items():
            if name in keywords:
                given[keywords[name]] = value
        return function(call, **given)

    return perform


def _keywords(operation: Operation, function: Function) -> Mapping[str, str]:
    """Return the keyword of each input member that the function takes; refuse what the model lacks.

    A function with `**given` takes all others, by the model's own names for them.
    """
    members = {snake_case(member.name): member for member in operation.input.members}
    keywords = {}
    takes_all = False
    _, *parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_all = True
            continue
        member = members.get(parameter.name)
        if member is None or parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise ValueError(f"{operation.name} has no member for the parameter {parameter.name}")
        if parameter.default is inspect.Parameter.empty and not member.required:
            raise ValueError(f"{operation.name}: {parameter.name} is optional and lacks a default")
        keywords[member.name] = parameter.name
    others = {member.name: member.name for member in members.values()} if takes_all else {}
    return {**others, **keywords}
