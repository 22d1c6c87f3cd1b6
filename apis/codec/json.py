"""The JSON protocols 1.0 and 1.1: a shape becomes one closure that decodes it and one that encodes it."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import orjson

from pocketbus.apis.codec import scalars
from pocketbus.apis.codec.answer import NO_HEADERS, Answer
from pocketbus.apis.codec.errors import ErrorShapes, SerializationException
from pocketbus.apis.model import Operation, ServiceModel, Shape
from pocketbus.emulator.errors import EngineError

Decode = Callable[[Any], Any]
Encode = Callable[[Any], Any]
EncodeResult = Callable[[Any, str], Answer]

_CORAL = "com.amazon.coral.service#"


class JsonCodec:
    """One service's JSON protocol."""

    def __init__(self, model: ServiceModel) -> None:
        self._errors = ErrorShapes(model)
        self.content_type = f"application/x-amz-json-{model.json_version or '1.0'}".encode()
        # Only JSON 1.0 names the namespace of an error, and only SQS has a query protocol to be compatible with.
        self._namespaces = (
            (f"com.amazonaws.{model.name}#", _CORAL) if model.json_version == "1.0" else ("", "")
        )
        self._query_compatible = model.name == "sqs"

    def decoder(self, operation: Operation) -> Callable[[bytes], dict[str, Any]]:
        decode = decoder(operation.input)

        def decode_body(body: bytes) -> dict[str, Any]:
            params: dict[str, Any] = decode(parse(body)) if body else {}
            return params

        return decode_body

    def encoder(self, operation: Operation) -> EncodeResult:
        """Compile the operation's output; SQS answers an operation without one with an empty body."""
        content_type = self.content_type
        if operation.output is None:
            return lambda _result, request_id: Answer(200, content_type, request_id, b"")
        encode = encoder(operation.output) or (lambda result: result)
        return lambda result, request_id: Answer(200, content_type, request_id, render(encode(result or {})))

    def error(self, error: EngineError, request_id: str) -> Answer:
        shape = self._errors.of(error)
        namespace = self._namespaces[0 if self._errors.modelled(error) else 1]
        body = render({"__type": namespace + shape.name, "message": error.message})
        extra = NO_HEADERS
        if self._query_compatible:
            fault = "Sender" if shape.sender else "Receiver"
            extra = ((b"x-amzn-query-error", f"{shape.code};{fault}".encode()),)
        return Answer(shape.status, self.content_type, request_id, body, extra)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("JSON has neither NaN nor infinity")


_parse = json.JSONDecoder(parse_constant=_refuse_constant).decode
_render = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def parse(body: bytes) -> Any:
    """Read a request body; raise SerializationException for anything that is not JSON in UTF-8.

    orjson reads what is well; what it refuses, the standard library reads again, so that answers do not depend on it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_with_care(body)


def _parse_with_care(body: bytes) -> Any:
    try:
        text = body.decode()
        value = _parse(text)
        # Only an escape can bring half of a surrogate pair, which no answer could carry.
        if "\\ud" in text or "\\uD" in text:
            _render(value).encode()
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"The request body is not valid JSON: {_reason(error)}") from None
    return value


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply."
        case UnicodeError():
            return "it is not valid UTF-8."
        case json.JSONDecodeError():
            return f"{error}."
    return "a number in it cannot be read."


def render(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _render(value).encode("utf-8", "replace")


def decoder(shape: Shape) -> Decode:
    """Compile what reads a value of JSON's types."""
    return _DECODERS[shape.type](shape)


def _structure_decoder(shape: Shape) -> Decode:
    decoders = {member.name: decoder(member.shape) for member in shape.members}
    texts = frozenset(member.name for member in shape.members if member.shape.type == "string")

    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            _refuse_container(value)
        for name, item in value.items():
            if type(item) is not str or name not in texts:
                break
        else:
            return value
        decoded = {}
        for name, item in value.items():
            if item is not None and (member := decoders.get(name)) is not None:
                decoded[name] = member(item)
        return decoded

    return decode


def _list_decoder(shape: Shape) -> Decode:
    item = decoder(shape.element)

    def decode(value: Any) -> list[Any]:
        if type(value) is not list:
            _refuse_container(value)
        return [item(element) for element in value if element is not None]

    return decode


def _map_decoder(shape: Shape) -> Decode:
    item = decoder(shape.element)

    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            _refuse_container(value)
        return {key: item(element) for key, element in value.items() if element is not None}

    return decode


def _string_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> str:
        if type(value) is str:
            return value
        _refuse_scalar(value, "a String")

    return decode


def _boolean_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> bool:
        if value is True or value is False:
            return value
        _refuse_scalar(value, "a Boolean")

    return decode


def _number_decoder(shape: Shape) -> Decode:
    kind = shape.type
    wanted = {"integer": "an Integer", "long": "a Long"}[kind]

    def decode(value: Any) -> int:
        # A fraction is cut off, as AWS does.
        number = int(value) if type(value) is float and math.isfinite(value) else value
        if type(number) is int and scalars.fits(number, kind):
            return number
        _refuse_scalar(value, wanted)

    return decode


def _double_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> float:
        if type(value) in (int, float):
            return float(value)
        _refuse_scalar(value, "a Double")

    return decode


def _timestamp_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> float:
        if type(value) in (int, float) and scalars.is_instant(value):
            return float(value)
        _refuse_scalar(value, "milliseconds since epoch")

    return decode


def _blob_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> bytes:
        if type(value) is not str:
            _refuse_scalar(value, "a Blob")
        try:
            return scalars.from_base64(value)
        except ValueError:
            _refuse_scalar(value, "a Blob")

    return decode


_DECODERS: Mapping[str, Callable[[Shape], Decode]] = {
    "structure": _structure_decoder,
    "list": _list_decoder,
    "map": _map_decoder,
    "string": _string_decoder,
    "boolean": _boolean_decoder,
    "integer": _number_decoder,
    "long": _number_decoder,
    "double": _double_decoder,
    "timestamp": _timestamp_decoder,
    "blob": _blob_decoder,
}

_TOKENS: Mapping[type, str] = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}


def _refuse_scalar(value: Any, wanted: str) -> NoReturn:
    if isinstance(value, list | dict):
        _refuse_container(value)
    token = f"{value}_VALUE".upper() if isinstance(value, bool) else _TOKENS[type(value)]
    raise SerializationException(f"{token} can not be converted to {wanted}")


def _refuse_container(value: Any) -> NoReturn:
    if isinstance(value, list):
        raise SerializationException("Start of list found where not expected")
    if isinstance(value, dict):
        raise SerializationException("Start of structure or map found where not expected.")
    raise SerializationException("Unexpected field type")


def encoder(shape: Shape) -> Encode | None:
    """Return what turns a value into JSON's types, or None where it is of them already."""
    compile_shape = _ENCODERS.get(shape.type)
    return compile_shape(shape) if compile_shape else None


def _structure_encoder(shape: Shape) -> Encode:
    encoders = {member.name: encoder(member.shape) for member in shape.members}
    plain = frozenset(name for name, encode in encoders.items() if encode is None)

    def encode(value: dict[str, Any]) -> dict[str, Any]:
        if plain.issuperset(value) and None not in value.values():
            return value
        encoded = {}
        for name, item in value.items():
            if item is not None:
                member = encoders[name]
                encoded[name] = item if member is None else member(item)
        return encoded

    return encode


def _list_encoder(shape: Shape) -> Encode | None:
    item = encoder(shape.element)
    return item and (lambda value: [item(element) for element in value])


def _map_encoder(shape: Shape) -> Encode | None:
    item = encoder(shape.element)
    return item and (lambda value: {key: item(element) for key, element in value.items()})


_ENCODERS: Mapping[str, Callable[[Shape], Encode | None]] = {
    "structure": _structure_encoder,
    "list": _list_encoder,
    "map": _map_encoder,
    "timestamp": lambda _shape: lambda at: round(at, 3),
    "blob": lambda _shape: scalars.to_base64,
}
