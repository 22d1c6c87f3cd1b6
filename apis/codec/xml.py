"""The XML of the query protocol's answers: a shape becomes one closure that writes it."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pocketbus.apis.codec import scalars
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import ErrorShapes
from pocketbus.apis.codec.query_names import (
    PLAIN,
    QUERY_NAMES,
    QUERY_TEXTS,
    XML_NAMESPACES,
    XML_ORDER,
    XML_PLAIN,
    QueryNames,
)
from pocketbus.apis.model import Member, Operation, ServiceModel, Shape
from pocketbus.apis.remembered import Remembered
from pocketbus.emulator.errors import EngineError

Write = Callable[[Any], str]
EncodeResult = Callable[[Any, str], Answer]

CONTENT_TYPE = b"text/xml"

# A carriage return is escaped because parsers turn a bare one into a line feed.
_ESCAPES: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;"}

# What needs an escape, and then the characters that XML 1.0 cannot hold in any form.
_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_MARKED = bytes(0x80 if _SPECIAL.match(chr(code)) else code for code in range(256))
"""Each byte of ASCII as it is, and none of those that are special."""


def escape(text: str) -> str:
    """Make text safe for XML; a character that XML cannot hold becomes U+FFFD."""
    # Nearly every text is ASCII, and telling that it holds nothing special is cheaper by translation.
    if text.isascii() and (data := text.encode()).translate(_MARKED) == data:
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\N{REPLACEMENT CHARACTER}"), text)


class XmlWriter:
    """One service's answers in XML."""

    content_type = CONTENT_TYPE

    def __init__(self, model: ServiceModel) -> None:
        namespace = XML_NAMESPACES.get(model.name, model.xml_namespace)
        self._xmlns = f' xmlns="{namespace}"' if namespace else ""
        # Among these services only SQS writes a declaration and a Detail.
        self._declaration = '<?xml version="1.0"?>' if model.name == "sqs" else ""
        self._detail = "<Detail/>" if model.name == "sqs" else ""
        self._names = QUERY_NAMES.get(model.name, PLAIN)
        self._errors = ErrorShapes(model)

    def encoder(self, operation: Operation) -> EncodeResult:
        name = operation.name
        head = f"{self._declaration}<{name}Response{self._xmlns}>"
        tail = f"</RequestId></ResponseMetadata></{name}Response>"
        write: Write = lambda _result: ""  # noqa: E731 - what there is to write of nothing
        if operation.output is not None:
            write = _writer(f"{name}Result", operation.output, self._names)

        def encode(result: Any, request_id: str) -> Answer:
            text = f"{head}{write(result or {})}<ResponseMetadata><RequestId>{request_id}{tail}"
            return Answer(200, CONTENT_TYPE, request_id, text.encode())

        return encode

    def error(self, error: EngineError, request_id: str) -> Answer:
        shape = self._errors.of(error)
        message = QUERY_TEXTS.get(error.message, error.message)
        body = (
            f"{self._declaration}<ErrorResponse{self._xmlns}><Error>"
            f"<Type>{'Sender' if shape.sender else 'Receiver'}</Type><Code>{escape(shape.code)}</Code>"
            f"<Message>{escape(message)}</Message>{self._detail}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        ).encode()
        return Answer(shape.status, CONTENT_TYPE, request_id, body)


def _writer(name: str, shape: Shape, names: QueryNames) -> Write:
    return _WRITERS.get(shape.type, _scalar_writer)(name, shape, names)


def _structure_writer(name: str, shape: Shape, names: QueryNames) -> Write:
    start, end, empty = f"<{name}>", f"</{name}>", f"<{name}/>"
    writers = {member.name: _member_writer(member, names) for member in shape.members}
    order = XML_ORDER.get(shape.name)
    ordered = None if order is None else Remembered(partial(_in_order, order), len(shape.members))

    def write(value: dict[str, Any]) -> str:
        if not value:
            return empty
        text = start
        for member in value if ordered is None else ordered[tuple(value)]:
            item = value[member]
            if item is not None:
                before, written, after = writers[member]
                text += f"{before}{item if written is None else written(item)}{after}"
        return text + end

    return write


def _in_order(order: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the names as they are ordered; what is not among those follows as it is."""
    return [*(name for name in order if name in names), *(name for name in names if name not in order)]


def _member_writer(member: Member, names: QueryNames) -> tuple[str, Write | None, str]:
    """Return what stands before a text, what writes it, None where it needs no escape, and what stands after it.

    Whatever is no text writes that itself.
    """
    name = names.of_member(member.name, member.shape)
    if member.shape.type == "string":
        return f"<{name}>", None if member.name in XML_PLAIN else escape, f"</{name}>"
    return "", _writer(name, member.shape, names), ""


def _list_writer(name: str, shape: Shape, names: QueryNames) -> Write:
    write_item = _writer(name if names.flattened else "member", shape.element, names)

    def write(value: list[Any]) -> str:
        return "".join([write_item(item) for item in value])

    return write if names.flattened else _wrapped(name, write)


def _map_writer(name: str, shape: Shape, names: QueryNames) -> Write:
    key_name, value_name = names.of_entry(shape)
    entry = name if names.flattened else "entry"
    before_key, after_key = f"<{entry}><{key_name}>", f"</{key_name}>"
    write_value = _writer(value_name, shape.element, names)

    def write(value: dict[str, Any]) -> str:
        return "".join(
            [
                f"{before_key}{escape(key)}{after_key}{write_value(item)}</{entry}>"
                for key, item in value.items()
            ]
        )

    return write if names.flattened else _wrapped(name, write)


def _wrapped(name: str, write: Write) -> Write:
    return lambda value: f"<{name}>{write(value)}</{name}>" if value else f"<{name}/>"


def _scalar_writer(name: str, shape: Shape, _names: QueryNames) -> Write:
    start, end = f"<{name}>", f"</{name}>"
    text = _TEXTS[shape.type]

    return lambda value: f"{start}{text(value)}{end}"


_WRITERS: Mapping[str, Callable[[str, Shape, QueryNames], Write]] = {
    "structure": _structure_writer,
    "list": _list_writer,
    "map": _map_writer,
}

_TEXTS: Mapping[str, Callable[[Any], str]] = {
    "string": escape,
    "boolean": lambda flag: "true" if flag else "false",
    "integer": str,
    "long": str,
    "timestamp": scalars.to_iso8601,
    "blob": scalars.to_base64,
}
