"""The inputs of REST operations: found in path, query string, headers and body, each in its own way of writing."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, NoReturn
from urllib.parse import parse_qsl

from msgspec.structs import replace

from pocketbus.apis.codec import json, scalars
from pocketbus.apis.codec.errors import SerializationException
from pocketbus.apis.codec.rest_path import labels_of
from pocketbus.apis.model import Member, Operation, Shape

_MAX_PARAMETERS = 20_000


class RestRequest(NamedTuple):
    """A request whose path has been matched: the values of the path's labels are in their order."""

    labels: Sequence[str]
    query_string: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


class _Source(NamedTuple):
    """A request, taken apart as far as members can be found in it."""

    labels: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[bytes, bytes]


Find = Callable[[_Source], Any]
"""Finds one member in a request; None: it is not there."""


def decoder(operation: Operation) -> Callable[[RestRequest], dict[str, Any]]:
    """Compile what turns a request into the operation's input, in the model's names."""
    names = labels_of(operation)
    find = {member.name: _finder(member) for member in operation.input.members if member.location}
    decode_body = _body_decoder(operation.input)

    def decode(request: RestRequest) -> dict[str, Any]:
        source = _Source(
            dict(zip(names, request.labels, strict=True)),
            _parameters(request.query_string),
            request.headers,
        )
        located = ((name, find_member(source)) for name, find_member in find.items())
        params = {name: value for name, value in located if value is not None}
        return params | decode_body(request.body)

    return decode


def _parameters(query_string: bytes) -> dict[str, list[str]]:
    parameters: dict[str, list[str]] = {}
    if query_string:
        try:
            pairs = parse_qsl(
                query_string.decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_PARAMETERS,
            )
        except ValueError:
            raise SerializationException("The request's query string cannot be read.") from None
        for name, value in pairs:
            parameters.setdefault(name, []).append(value)
    return parameters


def _finder(member: Member) -> Find:
    return _FINDERS[member.location](member)


def _in_path(member: Member) -> Find:
    read, name = _reader(member.shape, _iso_date), member.wire_name
    return lambda source: read(source.labels[name])


def _in_query(member: Member) -> Find:
    shape, name = member.shape, member.wire_name
    if shape.type == "map":
        return _all_in_query(shape)
    if shape.type == "list":
        read_item = _reader(shape.element, _iso_date)
        return lambda source: (
            [read_item(text) for text in source.query[name]] if name in source.query else None
        )
    read = _reader(shape, _iso_date)
    return lambda source: read(source.query[name][-1]) if name in source.query else None


def _all_in_query(shape: Shape) -> Find:
    """Find a map: its keys are the names of parameters, its values texts or lists of texts."""
    if shape.element.type == "list":
        return lambda source: dict(source.query) or None
    return lambda source: {name: texts[-1] for name, texts in source.query.items()} or None


def _in_header(member: Member) -> Find:
    read, name = _reader(member.shape, _http_date), member.wire_name.lower().encode()
    return lambda source: read(_text(source.headers[name])) if name in source.headers else None


def _in_headers(member: Member) -> Find:
    prefix = member.wire_name.lower().encode()
    return lambda source: (
        {
            _text(name[len(prefix) :]): _text(value)
            for name, value in source.headers.items()
            if name.startswith(prefix)
        }
        or None
    )


_FINDERS: Mapping[str, Callable[[Member], Find]] = {
    "uri": _in_path,
    "querystring": _in_query,
    "header": _in_header,
    "headers": _in_headers,
}


def _text(header: bytes) -> str:
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _reader(shape: Shape, read_date: Callable[[str], float]) -> Callable[[str], Any]:
    """Compile what reads a scalar's text."""
    if shape.type == "string":
        return str
    if shape.type == "timestamp":
        return _guarded(read_date, "a Timestamp")
    return _guarded(*_SCALARS[shape.type])


def _guarded(read: Callable[[str], Any], wanted: str) -> Callable[[str], Any]:
    def read_text(text: str) -> Any:
        try:
            return read(text)
        except (ValueError, KeyError):
            _refuse(text, wanted)

    return read_text


def _refuse(text: str, wanted: str) -> NoReturn:
    raise SerializationException(f"{text} can not be converted to {wanted}")


def _whole(kind: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text) if len(text) <= 20 else 1 << 64
        if not scalars.fits(number, kind):
            raise ValueError(text)
        return number

    return read


_SCALARS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "boolean": ({"true": True, "false": False}.__getitem__, "a Boolean"),
    "integer": (_whole("integer"), "an Integer"),
    "long": (_whole("long"), "a Long"),
    "double": (float, "a Double"),
    "blob": (scalars.from_base64, "a Blob"),
}


def _iso_date(text: str) -> float:
    return scalars.from_iso8601(text)


def _http_date(text: str) -> float:
    return parsedate_to_datetime(text).timestamp()


def _body_decoder(shape: Shape) -> Callable[[bytes], dict[str, Any]]:
    members = {member.name: member for member in shape.members}
    if shape.payload is not None:
        return _payload_decoder(members[shape.payload])
    in_body = tuple(member for member in shape.members if not member.location)
    if not in_body:
        return lambda _body: {}
    decode = json.decoder(replace(shape, members=in_body))
    return lambda body: decode(json.parse(body)) if body else {}


def _payload_decoder(member: Member) -> Callable[[bytes], dict[str, Any]]:
    name = member.name
    match member.shape.type:
        case "blob":
            return lambda body: {name: body} if body else {}
        case "string":
            return lambda body: {name: _text(body)} if body else {}
    decode = json.decoder(member.shape)
    return lambda body: {name: decode(json.parse(body))} if body else {}
