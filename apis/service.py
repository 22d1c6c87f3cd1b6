"""A service: its operations by name, and their binding to the model that makes a route of each."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.codec import LATE, Codec, codecs_of
from pocketbus.apis.codec.errors import ErrorShapes
from pocketbus.apis.codec.errors import NotImplemented as NotImplementedHere
from pocketbus.apis.codec.validate import Params, Validate, validator
from pocketbus.apis.model import Operation, load
from pocketbus.emulator.errors import EngineError

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Turn AWS's name into the one boto3 uses: `QueueOwnerAWSAccountId` into `queue_owner_aws_account_id`.

    A word starts at a capital after a small letter or digit, and at the last capital of a run of them.
    """
    return _WORD_START.sub("_", name).lower()


@dataclass(frozen=True, slots=True)
class Route:
    """One operation in one protocol, compiled: from the payload to the answer."""

    service: str
    operation: Operation
    codec: Codec
    takes_queue_url: bool
    decode: Callable[[Any], Params]
    validate: Validate
    perform: Callable[[Call, Params], Any]
    """Returns the result or, where it has to be waited for, a coroutine of it."""
    encode: Callable[[Any, str], Answer]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The operations of one service, each in the model's order."""

    implemented: tuple[str, ...]
    unimplemented: tuple[str, ...]


class Service:
    """One service: its model, its protocols and the operations that are implemented."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model = load(name)
        self.errors = ErrorShapes(self.model)
        self.json, self.query, self.rest, self.cbor = codecs_of(self.model)
        self._functions: dict[str, Function] = {}

    def operation(self, function: F) -> F:
        """Record an operation under its function's name, which is the model's in snake case."""
        name = function.__name__
        if self._functions.setdefault(name, function) is not function:
            raise ValueError(f"{self.name}: {name} is defined twice")
        return function

    def coverage(self) -> Coverage:
        done = {name: snake_case(name) in self._functions for name in self.model.operations}
        return Coverage(
            implemented=tuple(name for name, is_done in done.items() if is_done),
            unimplemented=tuple(name for name, is_done in done.items() if not is_done),
        )

    def routes(self, codec: Codec) -> Iterator[Route]:
        """Compile every operation for one protocol; raise ValueError where a function does not fit the model."""
        unknown = self._functions.keys() - set(map(snake_case, self.model.operations))
        if unknown:
            raise ValueError(f"{self.name} has no operation {', '.join(sorted(unknown))}")
        for operation in self.model.operations.values():
            yield self.route(operation, codec)

    def route(self, operation: Operation, codec: Codec) -> Route:
        """Compile one operation for a protocol; raise ValueError where its function does not fit the model."""
        function = self._functions.get(snake_case(operation.name))
        if function is None:
            return _unimplemented(self.name, operation, codec)
        return _route(self.name, operation, codec, function)


def code_of(service: Service, error: EngineError) -> tuple[str, bool]:
    """Return the code of an error and whether the sender is to blame, as the entry of a batch names them."""
    shape = service.errors.of(error)
    return shape.code, shape.sender


def failed_entry(service: Service, entry_id: str, error: EngineError) -> dict[str, Any]:
    """Return what a batch answers for an entry that was not carried out."""
    code, sender = code_of(service, error)
    return {"Id": entry_id, "SenderFault": sender, "Code": code, "Message": error.message}


def _route(service: str, operation: Operation, codec: Codec, function: Function) -> Route:
    return Route(
        service=service,
        operation=operation,
        codec=codec,
        takes_queue_url=any(member.name == "QueueUrl" for member in operation.input.members),
        decode=_when_used(codec, lambda: codec.decoder(operation)),
        validate=_when_used(codec, lambda: validator(service, operation)),
        perform=_binding(operation, function),
        encode=_when_used(codec, lambda: codec.encoder(operation)),
    )


def _when_used(codec: Codec, compile_: Callable[[], F]) -> F:
    """Compile at the first use where a service has large shapes that most clients never use."""
    if not isinstance(codec, LATE):
        return compile_()
    compiled: list[F] = []

    def use(*arguments: Any) -> Any:
        if not compiled:
            compiled.append(compile_())
        return compiled[0](*arguments)

    return use  # type: ignore[return-value]


def _unimplemented(service: str, operation: Operation, codec: Codec) -> Route:
    def refuse(_call: Call, _params: Params) -> None:
        raise NotImplementedHere(f"The operation {operation.name} of {service} is not implemented.")

    return Route(
        service=service,
        operation=operation,
        codec=codec,
        takes_queue_url=False,
        decode=lambda _payload: {},
        validate=lambda _params: None,
        perform=refuse,
        encode=_when_used(codec, lambda: codec.encoder(operation)),
    )


def _binding(operation: Operation, function: Function) -> Callable[[Call, Params], Any]:
    keywords = _keywords(operation, function)
    if len(keywords) == len(operation.input.members):
        return lambda call, params: function(
            call, **{keywords[name]: value for name, value in params.items()}
        )

    def perform(call: Call, params: Params) -> Any:
        return function(call, **{keywords[name]: value for name, value in params.items() if name in keywords})

    return perform


def _keywords(operation: Operation, function: Function) -> Mapping[str, str]:
    """Return the keyword of each input member that the function takes; refuse what the model lacks."""
    members = {snake_case(member.name): member for member in operation.input.members}
    keywords = {}
    _, *parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        member = members.get(parameter.name)
        if member is None or parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise ValueError(f"{operation.name} has no member for the parameter {parameter.name}")
        if parameter.default is inspect.Parameter.empty and not member.required:
            raise ValueError(f"{operation.name}: {parameter.name} is optional and lacks a default")
        keywords[member.name] = parameter.name
    return keywords
