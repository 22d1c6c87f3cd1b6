"""The query protocol: a form or a query string comes in, XML goes out (see xml.py)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from pocketbus.apis.codec import scalars
from pocketbus.apis.codec.errors import MalformedInput
from pocketbus.apis.codec.query_names import PLAIN, QUERY_NAMES, QueryNames
from pocketbus.apis.model import Operation, Shape

Form = dict[str, str]
"""The parameters by their dotted names."""

Node = dict[str, Any]
"""The parameters below one point of the dotted names: a string each, or a Node again."""

Decode = Callable[[Any], Any]

# Far above what AWS's batches can hold; both keep the memory of a hostile form small.
_MAX_PARAMETERS = 20_000
_MAX_DEPTH = 12

_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)


def parse(text: bytes) -> Form:
    """Read a form or a query string; raise MalformedInput if it is none or says two things of one parameter."""
    try:
        pairs = parse_qsl(
            text.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError as error:
        raise MalformedInput(f"The request's parameters cannot be read: {_reason(error)}.") from None
    form: Form = {}
    for name, value in pairs:
        if form.setdefault(name, value) != value:
            raise MalformedInput(f"The parameter {name} occurs more than once.")
    return form


def _reason(error: ValueError) -> str:
    return "they are not valid UTF-8" if isinstance(error, UnicodeError) else "there are too many of them"


def decoder(service: str, operation: Operation) -> Callable[[Form], dict[str, Any]]:
    """Compile what turns a form into the operation's input, in the model's names."""
    names = QUERY_NAMES.get(service, PLAIN)
    decode = _structure_decoder(operation.input, names)
    # A form cannot say that a list is empty: a required one that is absent counts as empty in SQS.
    required = [
        member.name
        for member in operation.input.members
        if names.flattened and member.required and member.shape.type == "list"
    ]

    def decode_form(form: Form) -> dict[str, Any]:
        params: dict[str, Any] = decode(_tree(form))
        for name in required:
            params.setdefault(name, [])
        return params

    return decode_form


def _tree(form: Form) -> Node:
    root: Node = {}
    for name, value in form.items():
        *branches, leaf = name.split(".", _MAX_DEPTH)
        node = root
        for branch in branches:
            node = node.setdefault(branch, {})
            if type(node) is not dict:
                _refuse_structure()
        if node.setdefault(leaf, value) is not value:
            _refuse_structure()
    return root


def _decoder(shape: Shape, names: QueryNames) -> Decode:
    return _DECODERS[shape.type](shape, names)


def _structure_decoder(shape: Shape, names: QueryNames) -> Decode:
    members = [
        (name, member.name, _decoder(member.shape, names))
        for member in shape.members
        # The model's own name is taken as well: some SDKs send it, and an empty list goes by it.
        for name in dict.fromkeys((names.of_member(member.name, member.shape), member.name))
    ]

    def decode(node: Any) -> dict[str, Any]:
        branches = _branches(node)
        return {
            name: decode_member(branches[wire_name])
            for wire_name, name, decode_member in members
            if wire_name in branches
        }

    return decode


def _list_decoder(shape: Shape, names: QueryNames) -> Decode:
    decode_item = _decoder(shape.element, names)
    wrapped = not names.flattened

    def decode(node: Any) -> list[Any]:
        branches = _branches(node)
        if wrapped:
            branches = _branches(branches.get("member", ""))
        return [decode_item(item) for item in _in_order(branches)]

    return decode


def _map_decoder(shape: Shape, names: QueryNames) -> Decode:
    key_name, value_name = names.of_entry(shape)
    decode_value = _decoder(shape.element, names)
    wrapped = not names.flattened

    def decode(node: Any) -> dict[str, Any]:
        branches = _branches(node)
        if wrapped:
            branches = _branches(branches.get("entry", ""))
        decoded = {}
        for entry in map(_branches, _in_order(branches)):
            if value_name in entry:
                decoded[_text(entry.get(key_name, ""))] = decode_value(entry[value_name])
        return decoded

    return decode


def _branches(node: Any) -> Node:
    if type(node) is dict:
        return node
    # An empty list, map or structure is written as an empty value.
    if node == "":
        return {}
    raise MalformedInput("Unexpected field type")


def _in_order(branches: Node) -> Iterator[Any]:
    """Yield the numbered branches by number; gaps do not count."""
    numbered = sorted((int(key), key) for key in branches if _INDEX.fullmatch(key))
    return (branches[key] for _, key in numbered)


def _text(node: Any) -> str:
    if type(node) is not str:
        _refuse_structure()
    return node


def _boolean(node: Any) -> bool:
    value = {"true": True, "false": False}.get(_text(node).lower())
    if value is None:
        _refuse_scalar(node, "a Boolean")
    return value


def _number_decoder(shape: Shape, _names: QueryNames) -> Decode:
    kind = shape.type
    wanted = {"integer": "an Integer", "long": "a Long"}[kind]

    def decode(node: Any) -> int:
        text = _text(node).strip()
        if _INTEGER.fullmatch(text) and scalars.fits(number := int(text), kind):
            return number
        _refuse_scalar(node, wanted)

    return decode


def _timestamp(node: Any) -> float:
    try:
        return scalars.from_iso8601(_text(node))
    except ValueError:
        _refuse_scalar(node, "a Timestamp")


def _blob(node: Any) -> bytes:
    try:
        return scalars.from_base64(_text(node))
    except ValueError:
        _refuse_scalar(node, "a Blob")


def _refuse_structure() -> NoReturn:
    raise MalformedInput("Start of structure or map found where not expected.")


def _refuse_scalar(value: str, wanted: str) -> NoReturn:
    raise MalformedInput(f"{value} can not be converted to {wanted}")


_DECODERS: Mapping[str, Callable[[Shape, QueryNames], Decode]] = {
    "structure": _structure_decoder,
    "list": _list_decoder,
    "map": _map_decoder,
    "string": lambda _shape, _names: _text,
    "boolean": lambda _shape, _names: _boolean,
    "integer": _number_decoder,
    "long": _number_decoder,
    "timestamp": lambda _shape, _names: _timestamp,
    "blob": lambda _shape, _names: _blob,
}
