"""The REST-JSON protocol: an operation is named by method and path, its input is spread over the whole request.

What is read is in rest_request.py, how a path names an operation in rest_path.py.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from pocketbus.apis.codec import json, rest_request, scalars
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import ErrorShapes, UnknownOperationException
from pocketbus.apis.codec.rest_request import RestRequest
from pocketbus.apis.model import Member, Operation, ServiceModel, Shape
from pocketbus.emulator.errors import EngineError

CONTENT_TYPE = b"application/json"

_NOT_FOUND = 404


class RestJsonCodec:
    """One service's REST-JSON protocol."""

    content_type = CONTENT_TYPE

    def __init__(self, model: ServiceModel) -> None:
        self._errors = ErrorShapes(model)

    def decoder(self, operation: Operation) -> Callable[[RestRequest], dict[str, Any]]:
        return rest_request.decoder(operation)

    def encoder(self, operation: Operation) -> Callable[[Any, str], Answer]:
        success = operation.http.status if operation.http is not None else 200
        output = operation.output
        if output is None:
            return lambda _result, request_id: Answer(success, CONTENT_TYPE, request_id, b"")
        located = {member.name: member for member in output.members if member.location}
        encode_body = _body_encoder(output)

        def encode(result: Any, request_id: str) -> Answer:
            held = {name: value for name, value in (result or {}).items() if value is not None}
            answer = Answer(success, CONTENT_TYPE, request_id, b"", list(_headers(located, held)))
            for name in located.keys() & held.keys():
                value = held.pop(name)
                if located[name].location == "statusCode":
                    answer.status = value
            answer.body = encode_body(held)
            return answer

        return encode

    def error(self, error: EngineError, request_id: str) -> Answer:
        """Answer in the spelling of the service's model; what no model has is of the protocol's own front end."""
        shape = self._errors.of(error)
        status = _NOT_FOUND if isinstance(error, UnknownOperationException) else shape.status
        message = next((name for name in shape.members if name.lower() == "message"), "message")
        content = {message: error.message, **error.details}
        if "Type" in shape.members:
            content["Type"] = "User" if shape.sender else "Service"
        extra = [(b"x-amzn-errortype", shape.name.encode())]
        return Answer(status, CONTENT_TYPE, request_id, json.render(content), extra)


def _headers(located: Mapping[str, Member], result: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    for name, member in located.items():
        value = result.get(name)
        if value is None:
            continue
        wire_name = member.wire_name.lower()
        if member.location == "header":
            yield wire_name.encode(), _written(value, member.shape).encode()
        elif member.location == "headers":
            for key, text in value.items():
                yield f"{wire_name}{key}".lower().encode(), text.encode()


def _written(value: Any, shape: Shape) -> str:
    match shape.type:
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return format_datetime(datetime.fromtimestamp(int(value), UTC), usegmt=True)
        case "blob":
            return scalars.to_base64(value)
    return str(value)


def _body_encoder(shape: Shape) -> Callable[[Mapping[str, Any]], bytes]:
    if shape.payload is None:
        encode = json.encoder(shape) or (lambda value: value)
        return lambda held: json.render(encode(held))
    name = shape.payload
    payload = next(member.shape for member in shape.members if member.name == name)
    match payload.type:
        case "blob":
            return lambda held: held.get(name, b"")
        case "string":
            return lambda held: held.get(name, "").encode()
    encode_payload = json.encoder(payload) or (lambda value: value)
    return lambda held: json.render(encode_payload(held[name])) if name in held else b""
