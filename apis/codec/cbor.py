"""Smithy RPC v2 CBOR: an operation is named by its path, its input and its answer are one map in CBOR.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn

from pocketbus.apis.codec import scalars
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import ErrorShapes, SerializationException, UnknownOperationException
from pocketbus.apis.model import Operation, ServiceModel, Shape
from pocketbus.emulator.errors import EngineError

PREFIX: Final = "/service/"
"""What the path of every request begins with."""

MOST_DEPTH: Final = 32
"""How deep maps and lists may be nested: no model's are nested so deep."""

_HEADERS: Final = ((b"smithy-protocol", b"rpc-v2-cbor"),)
_NOT_FOUND = 404

Decode = Callable[[Any], Any]
Encode = Callable[[Any], Any]


class Instant(NamedTuple):
    """What tag 1 marks as seconds since the epoch."""

    seconds: Any


def path_of(model: ServiceModel, operation: str) -> str:
    """Return the path that names an operation."""
    return f"{PREFIX}{model.target_prefix}/operation/{operation}"


class CborCodec:
    """One service's RPC v2 CBOR protocol."""

    content_type = b"application/cbor"

    def __init__(self, model: ServiceModel) -> None:
        self._errors = ErrorShapes(model)
        self._namespace = f"com.amazonaws.{model.name}#" if model.name else "aws.protocoltests#"

    def decoder(self, operation: Operation) -> Callable[[bytes], dict[str, Any]]:
        decode = decoder(operation.input)

        def decode_body(body: bytes) -> dict[str, Any]:
            params: dict[str, Any] = decode(parse(body)) if body else {}
            return params

        return decode_body

    def encoder(self, operation: Operation) -> Callable[[Any, str], Answer]:
        """Compile the output; an operation without one is answered with an empty map."""
        encode = encoder(operation.output) if operation.output is not None else None
        return lambda result, request_id: self._answer(
            200, encode(result or {}) if encode is not None else result or {}, request_id
        )

    def error(self, error: EngineError, request_id: str) -> Answer:
        """Answer in the spelling of the service's model."""
        shape = self._errors.of(error)
        status = _NOT_FOUND if isinstance(error, UnknownOperationException) else shape.status
        message = next((name for name in shape.members if name.lower() == "message"), "message")
        content = {"__type": self._namespace + shape.name, message: error.message}
        return self._answer(status, content, request_id)

    def _answer(self, status: int, content: Any, request_id: str) -> Answer:
        return Answer(status, self.content_type, request_id, render(content), _HEADERS)


def parse(body: bytes) -> Any:
    """Read a request body in any of CBOR's spellings; raise SerializationException for what is none."""
    import io  # noqa: PLC0415 - only who speaks this protocol pays for the library

    from cbor2 import CBORDecodeError, CBORDecoder  # noqa: PLC0415 - likewise

    read = io.BytesIO(body)
    decoder = CBORDecoder(
        read,
        tag_hook=_refuse_tag,
        semantic_decoders=_TAGS,
        max_depth=MOST_DEPTH,
        strict_hashable_types=True,
    )
    try:
        value = decoder.decode()
    except (CBORDecodeError, RecursionError, MemoryError) as error:
        raise SerializationException(f"The request body is not valid CBOR: {error}.") from None
    if read.read(1):
        raise SerializationException("The request body is not valid CBOR: there is more than one value.")
    return value


def _refuse_tag(*_tag: Any) -> NoReturn:
    raise ValueError("a tag that no service uses")


_BUILT_IN: Final = (
    *(0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799),
)
"""Tags that the library would read by itself: regular expressions, numbers without end, values that hold themselves."""

_TAGS: Final[Mapping[int, Callable[..., Any]]] = {
    **dict.fromkeys(_BUILT_IN, _refuse_tag),
    1: lambda seconds, *_: Instant(seconds),
}


def render(value: Any) -> bytes:
    """Write a value of the library's types."""
    from cbor2 import dumps  # noqa: PLC0415 - only who speaks this protocol pays for the library

    written: bytes = dumps(value)
    return written


def _is_absent(value: Any) -> bool:
    """Tell null and undefined, which both stand for a member that is not there."""
    return value is None or (type(value) not in _KINDS and not value)


def decoder(shape: Shape) -> Decode:
    """Compile what reads a value of CBOR's types."""
    return _DECODERS[shape.type](shape)


def _structure_decoder(shape: Shape) -> Decode:
    decoders = {member.name: decoder(member.shape) for member in shape.members}

    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            _refuse(value, "a structure")
        decoded = {
            name: decoders[name](item)
            for name, item in value.items()
            if name in decoders and not _is_absent(item)
        }
        if shape.union and len(decoded) != 1:
            raise SerializationException(
                f"Unions must contain exactly one member: {shape.name} has {len(decoded)}."
            )
        return decoded

    return decode


def _list_decoder(shape: Shape) -> Decode:
    item = decoder(shape.element)

    def decode(value: Any) -> list[Any]:
        if type(value) is not list:
            _refuse(value, "a list")
        return [item(element) for element in value if not _is_absent(element)]

    return decode


def _map_decoder(shape: Shape) -> Decode:
    item = decoder(shape.element)

    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict or not all(type(key) is str for key in value):
            _refuse(value, "a map")
        return {key: item(element) for key, element in value.items() if not _is_absent(element)}

    return decode


def _string_decoder(_shape: Shape) -> Decode:
    return lambda value: value if type(value) is str else _refuse(value, "a string")


def _blob_decoder(_shape: Shape) -> Decode:
    return lambda value: value if type(value) is bytes else _refuse(value, "a blob")


def _boolean_decoder(_shape: Shape) -> Decode:
    return lambda value: value if type(value) is bool else _refuse(value, "a boolean")


def _integer_decoder(shape: Shape) -> Decode:
    def decode(value: Any) -> int:
        number = int(value) if type(value) is float and value.is_integer() else value
        return (
            number
            if type(number) is int and scalars.fits(number, shape.type)
            else _refuse(value, "an integer")
        )

    return decode


def _double_decoder(_shape: Shape) -> Decode:
    return lambda value: float(value) if type(value) in (int, float) else _refuse(value, "a number")


def _timestamp_decoder(_shape: Shape) -> Decode:
    def decode(value: Any) -> float:
        seconds: Any = value.seconds if type(value) is Instant else None
        if type(seconds) in (int, float) and math.isfinite(seconds) and scalars.is_instant(seconds):
            return float(seconds)
        _refuse(value, "a timestamp")

    return decode


def _refuse(value: Any, wanted: str) -> NoReturn:
    raise SerializationException(f"{_KINDS.get(type(value), 'A tagged value')} can not be read as {wanted}.")


_KINDS: Final[Mapping[type, str]] = {
    str: "A text string",
    bytes: "A byte string",
    bool: "A boolean",
    int: "An integer",
    float: "A floating-point number",
    list: "An array",
    dict: "A map",
}

_DECODERS: Mapping[str, Callable[[Shape], Decode]] = {
    "structure": _structure_decoder,
    "list": _list_decoder,
    "map": _map_decoder,
    "string": _string_decoder,
    "boolean": _boolean_decoder,
    "integer": _integer_decoder,
    "long": _integer_decoder,
    "double": _double_decoder,
    "float": _double_decoder,
    "timestamp": _timestamp_decoder,
    "blob": _blob_decoder,
}


def encoder(shape: Shape) -> Encode | None:
    """Return what turns a value into what the library writes, or None where it is that already."""
    compile_shape = _ENCODERS.get(shape.type)
    return compile_shape(shape) if compile_shape else None


def _structure_encoder(shape: Shape) -> Encode:
    encoders = {member.name: encoder(member.shape) for member in shape.members}

    def encode(value: dict[str, Any]) -> dict[str, Any]:
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


def _write_timestamp(at: float) -> Any:
    """Mark an instant in epoch seconds, to the millisecond; a whole number needs no fraction."""
    from cbor2 import CBORTag  # noqa: PLC0415 - only who speaks this protocol pays for the library

    at = round(at, 3)
    return CBORTag(1, int(at) if at == int(at) else at)


_ENCODERS: Mapping[str, Callable[[Shape], Encode | None]] = {
    "structure": _structure_encoder,
    "list": _list_encoder,
    "map": _map_encoder,
    "timestamp": lambda _shape: _write_timestamp,
}
