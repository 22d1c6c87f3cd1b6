"""One application for all cases, asked in every protocol by what botocore writes; what it answers is read strictly."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import cbor2
from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from starlette.types import Message

from pocketbus.apis.app import create_app
from pocketbus.apis.codec.errors import UNMODELLED
from pocketbus.apis.codec.query_names import SQS_ERRORS
from pocketbus.apis.model import Operation, Shape
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import Reply, ask, scope_of
from tests.apis.codec.test_botocore_oracle import _sqs_query

# Errors of the protocols themselves, which no model lists.
_COMMON = {
    "InvalidAction",
    "InvalidParameter",
    "InvalidToken",
    "InvalidQueryParameter",
    "MalformedInput",
    "MissingAction",
    "SerializationException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "blob": (bytes,),
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
}
_TURNS = 200


class Request(NamedTuple):
    """A request as it comes to the application."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


CBOR = "smithy-rpc-v2-cbor"


class Outcome(NamedTuple):
    """`result` is what botocore reads from a successful answer; `code` is that of an error."""

    status: int
    result: dict[str, Any] | None
    code: str


def protocols(service: Service) -> list[str]:
    return [
        name
        for name, codec in (
            ("json", service.json),
            ("query", service.query),
            ("rest-json", service.rest),
            (CBOR, service.cbor),
        )
        if codec is not None
    ]


@cache
def model_of(service: str, protocol: str) -> Any:
    if (service, protocol) == ("sqs", "query"):
        return _sqs_query()
    return BotocoreModel(Loader().load_service_model(service, "service-2"))


@cache
def _serializer(protocol: str) -> Any:
    return create_serializer(protocol, include_validation=False)


def written_of(
    service: Service, protocol: str, operation: Operation, params: dict[str, Any]
) -> dict[str, Any]:
    """Return what botocore makes of an input: `body` is bytes or, in the query protocol, a dictionary."""
    model = model_of(service.name, protocol).operation_model(operation.name)
    written: dict[str, Any] = _serializer(protocol).serialize_to_request(params, model)
    return written


def request_of(service: Service, written: Mapping[str, Any]) -> Request:
    credential = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service.name}/aws4_request"
    path = urlsplit(written["url_path"])
    query = path.query or urlencode(written["query_string"], doseq=True)
    headers = {name.lower(): value for name, value in written["headers"].items()} | {
        "authorization": credential
    }
    body = written["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True).encode()
    return Request(written["method"], path.path, query, headers, body)


class World:
    """An engine whose clock stands still, and the application around it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.engine = Engine(Config(seed=1))
        self.app = create_app(self.engine)

    def ask(self, request: Request, *, leaves: bool = False) -> Reply | None:
        """Make a request; where it has to wait, the client leaves or 20 seconds pass."""
        return self.loop.run_until_complete(self._ask(request, leaves))

    def control(self, method: str, path: str, body: bytes = b"") -> Any:
        """Ask one of the control paths, for which no time passes, and return its JSON."""
        reply = self.loop.run_until_complete(ask(self.app, body, method=method, path=path))
        assert reply.status == 200, reply.text
        return json.loads(reply.body)

    def elapse(self, seconds: float) -> None:
        self.loop.run_until_complete(self.engine.elapse(seconds))

    async def _ask(self, request: Request, leaves: bool) -> Reply | None:
        messages = asyncio.Queue[Message]()
        messages.put_nowait({"type": "http.request", "body": request.body, "more_body": False})
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = scope_of(
            method=request.method, path=request.path, query=request.query, headers=request.headers
        )
        task = asyncio.ensure_future(self.app(scope, messages.get, send))
        for _ in range(_TURNS):
            if task.done():
                break
            await asyncio.sleep(0)
        else:
            if leaves:
                messages.put_nowait({"type": "http.disconnect"})
            else:
                await self.engine.elapse(20)
        await asyncio.wait_for(task, 60)
        return _reply(sent) if sent else None


def _reply(sent: list[Message]) -> Reply:
    start, *parts = sent
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers, b"".join(part.get("body", b"") for part in parts))


def read(service: Service, protocol: str, operation: Operation, reply: Reply) -> Outcome:
    """Read an answer as botocore does, and hold it to the model. Raise AssertionError where it is not of it."""
    output = model_of(service.name, protocol).operation_model(operation.name).output_shape
    response = {"status_code": reply.status, "headers": HeadersDict(reply.headers), "body": reply.body}
    parsed = create_parser(protocol).parse(response, output)
    metadata = parsed.pop("ResponseMetadata")
    if reply.status >= 300:
        if reply.body == b"<UnknownOperationException/>":  # all that SQS says where no action is named
            return Outcome(reply.status, None, "UnknownOperationException")
        code = parsed["Error"]["Code"]
        assert code in _codes(service.name), f"{code} is no error of {service.name}"
        assert isinstance(parsed["Error"]["Message"], str)
        return Outcome(reply.status, None, code)
    assert metadata["RequestId"] or protocol != "query"
    assert reply.headers["x-amzn-requestid"]
    if operation.output is not None:
        if operation.output.payload:
            parsed[operation.output.payload] = reply.body  # which botocore makes a text of, or a stream
        conform(operation.output, parsed, operation.name)
        if operation.output.payload:
            return Outcome(reply.status, parsed, "")
        if protocol != "query" and reply.body:
            body = cbor2.loads(reply.body) if protocol == CBOR else json.loads(reply.body)
            _hold_names(operation.output, body, operation.name)
    return Outcome(reply.status, parsed, "")


@cache
def _codes(name: str) -> frozenset[str]:
    service = next(service for service in SERVICES if service.name == name)
    shapes = [
        *service.model.errors.values(),
        *UNMODELLED.values(),
        *(SQS_ERRORS.values() if name == "sqs" else ()),
    ]
    return frozenset({shape.name for shape in shapes} | {shape.code for shape in shapes} | _COMMON)


def conform(shape: Shape, value: Any, path: str) -> None:
    """Assert that a value is of its shape: its types, its required members, its enumerations."""
    if shape.type == "timestamp":
        return
    fits = isinstance(value, _TYPES[shape.type])
    assert fits, f"{path} is {value!r}, not of type {shape.type}"
    match shape.type:
        case "structure":
            for member in shape.members:
                if member.name in value:
                    conform(member.shape, value[member.name], f"{path}.{member.name}")
                else:
                    # In XML, a list without items cannot be seen.
                    assert not member.required or member.shape.type == "list", f"{path} lacks {member.name}"
        case "list":
            for item in value:
                conform(shape.element, item, f"{path}[]")
        case "map":
            for key, item in value.items():
                conform(shape.element, item, f"{path}[{key}]")
        case "string" if shape.enum:
            assert value in shape.enum, f"{path} is {value!r}"


def _hold_names(shape: Shape, value: Any, path: str) -> None:
    """Assert that a JSON document has no member that its shape has not."""
    match shape.type:
        case "structure":
            shapes = {member.name: member.shape for member in shape.members}
            assert value.keys() <= shapes.keys(), f"{path} has {value.keys() - shapes.keys()}"
            for name, item in value.items():
                _hold_names(shapes[name], item, f"{path}.{name}")
        case "list":
            for item in value:
                _hold_names(shape.element, item, f"{path}[]")
        case "map":
            for key, item in value.items():
                _hold_names(shape.element, item, f"{path}[{key}]")


@contextmanager
def living(loop: asyncio.AbstractEventLoop) -> Iterator[World]:
    world = World(loop)
    loop.run_until_complete(world.engine.__aenter__())
    try:
        yield world
    finally:
        loop.run_until_complete(world.engine.__aexit__(None, None, None))
