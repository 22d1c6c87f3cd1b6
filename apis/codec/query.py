"""The query protocol: a form or a query string comes in, XML goes out (see xml.py)."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from pocketbus.apis.codec import scalars
from pocketbus.apis.codec.errors import InvalidQueryParameter, MalformedInput
from pocketbus.apis.codec.query_names import PLAIN, QUERY_NAMES, QueryNames
from pocketbus.apis.model import Member, Operation, Shape
from pocketbus.apis.remembered import Remembered

Form = dict[str, str]
"""The parameters by their dotted names."""

Node = dict[str, Any]
"""The parameters below one point of the dotted names: a string each, or a Node again."""

Decode = Callable[[Any], Any]

# What AWS has every query request bring along for signing it; none of it is an operation's affair. AUTHPARAMS stands
# for all of it in AWS's own examples.
_COMMON = frozenset(
    {
        "Action",
        "AUTHPARAMS",
        "AWSAccessKeyId",
        "ContentType",
        "Expires",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureVersion",
        "Timestamp",
        "Version",
    }
)
_PRESIGNED = "X-Amz-"

# Far above what AWS's batches can hold; both keep the memory of a hostile form small.
_MAX_PARAMETERS = 20_000
_MAX_DEPTH = 12

_MOST_PLANS = 64
"""Ways to give an operation's parameters that are remembered."""

_LONGEST = 256
"""Characters of a name that an error repeats."""

_SHORT = 160
"""Characters of a pair up to which it is remembered."""

_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)


def parse(text: bytes) -> Form:
    """Read a form or a query string; raise MalformedInput if it is none or says two things of one parameter."""
    try:
        pairs = text.decode().replace("+", " ").split("&", _MAX_PARAMETERS)
        if len(pairs) > _MAX_PARAMETERS:
            raise _unreadable("there are too many of them")
        form = {}
        for pair in pairs:
            if len(pair) <= _SHORT:
                name, value = _short[pair]
            elif "%" in pair:
                name, value = _read(pair)
            else:
                name, _, value = pair.partition("=")
            form[name] = value
    except UnicodeError:
        raise _unreadable("they are not valid UTF-8") from None
    return form if len(form) == len(pairs) and "" not in form else _distinct(pairs)


def _distinct(pairs: Iterable[str]) -> Form:
    """Return the parameters that are there, each of which may be there twice if it says the same."""
    form: Form = {}
    for name, value in map(_read, filter(None, pairs)):
        if form.setdefault(name, value) != value:
            _refuse_repetition(name)
    return form


def _read(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return (_unescaped(name), _unescaped(value)) if "%" in pair else (name, value)


_short = Remembered(_read, _SHORT)
"""Reads what comes again and again: actions, ARNs and URLs."""


def _unescaped(text: str) -> str:
    return unquote_to_bytes(text).decode() if "%" in text else text


def _unreadable(why: str) -> MalformedInput:
    return MalformedInput(f"The request's parameters cannot be read: {why}.")


def decoder(service: str, operation: Operation) -> Callable[[Form], dict[str, Any]]:
    """Compile what turns a form into the operation's input, in the model's names."""
    names = QUERY_NAMES.get(service, PLAIN)
    decode = _structure_decoder(operation.input, names)
    members = _names_of(operation.input, names)
    known = members.keys()
    texts = dict.fromkeys(_COMMON - known, "")
    texts |= {name: member.name for name, member in members.items() if member.shape.type == "string"}
    # A form cannot say that a list is empty: a required one that is absent counts as empty in SQS.
    required = [
        member.name
        for member in operation.input.members
        if names.flattened and member.required and member.shape.type == "list"
    ]

    plans: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    """What to take from a form that has these parameters, all of them texts: clients send the same ones again."""

    def decode_form(form: Form) -> dict[str, Any]:
        plan = plans.get(tuple(form))
        if plan is not None:
            return {member: form[name] for name, member in plan}
        params: dict[str, Any] = {}
        others: Form = {}
        for name, value in form.items():
            member = texts.get(name)
            if member:
                params[member] = value
            elif member is None:
                others[name] = value
        if others:
            params |= decode(_tree(_known(others, known, operation.name)))
        elif not required and len(plans) < _MOST_PLANS:
            plans[tuple(form)] = [(name, texts[name]) for name in form if texts[name]]
        for name in required:
            params.setdefault(name, [])
        return params

    return decode_form


def _known(form: Form, known: Collection[str], operation: str) -> Form:
    """Return what there is to decode, without what signs a URL; refuse what belongs to no member."""
    found: Form = {}
    for name, value in form.items():
        if name.partition(".")[0] in known:
            found[name] = value
        elif not name.startswith(_PRESIGNED):
            raise InvalidQueryParameter(f"{operation} has no parameter {name[:_LONGEST]}.")
    return found


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


def _names_of(shape: Shape, names: QueryNames) -> dict[str, Member]:
    """Return a structure's members by the names they go by."""
    by_own = {member.name: member for member in shape.members}
    # The model's own name is taken as well: some SDKs send it, and an empty list goes by it.
    return by_own | {names.of_member(member.name, member.shape): member for member in shape.members}


def _structure_decoder(shape: Shape, names: QueryNames) -> Decode:
    members = {
        wire_name: (member.name, _decoder(member.shape, names))
        for wire_name, member in _names_of(shape, names).items()
    }

    def decode(node: Any) -> dict[str, Any]:
        decoded: dict[str, Any] = {}
        for wire_name, branch in _branches(node).items():
            name, decode_member = members.get(wire_name) or _refuse_member(wire_name)
            if name in decoded:
                _refuse_repetition(wire_name)
            decoded[name] = decode_member(branch)
        return decoded

    return decode


def _list_decoder(shape: Shape, names: QueryNames) -> Decode:
    decode_item = _decoder(shape.element, names)
    items = _flattened_items if names.flattened else partial(_wrapped_items, "member")
    return lambda node: [decode_item(item) for item in items(node)]


def _map_decoder(shape: Shape, names: QueryNames) -> Decode:
    key_name, value_name = entry_names = names.of_entry(shape)
    decode_value = _decoder(shape.element, names)
    items = _flattened_items if names.flattened else partial(_wrapped_items, "entry")

    def decode(node: Any) -> dict[str, Any]:
        decoded: dict[str, Any] = {}
        for entry in map(_branches, items(node)):
            for name in entry:
                if name not in entry_names:
                    _refuse_member(name)
            for name in entry_names:
                if name not in entry:
                    raise MalformedInput(f"An entry lacks its {name}.")
            key = _text(entry[key_name])
            if key in decoded:
                _refuse_repetition(key)
            decoded[key] = decode_value(entry[value_name])
        return decoded

    return decode


def _flattened_items(node: Any) -> Iterable[Any]:
    """Return the items of a list or map; a single one may come without a number, as boto 2 sends it."""
    if node and (type(node) is not dict or not any(map(_INDEX.fullmatch, node))):
        return (node,)
    return _in_order(_branches(node))


def _wrapped_items(wrapper: str, node: Any) -> Iterable[Any]:
    branches = _branches(node)
    for name in branches:
        if name != wrapper:
            _refuse_member(name)
    return _in_order(_branches(branches.get(wrapper, "")))


def _branches(node: Any) -> Node:
    if type(node) is dict:
        return node
    # An empty list, map or structure is written as an empty value.
    if node == "":
        return {}
    raise MalformedInput("Unexpected field type")


def _in_order(branches: Node) -> Iterable[Any]:
    """Return the numbered branches by number; gaps do not count."""
    for key in branches:
        if not _INDEX.fullmatch(key):
            _refuse_member(key)
    return (branches[key] for key in sorted(branches, key=int))


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


def _refuse_member(name: str) -> NoReturn:
    raise MalformedInput(f"Unexpected member {name[:_LONGEST]}.")


def _refuse_repetition(name: str) -> NoReturn:
    raise MalformedInput(f"The parameter {name[:_LONGEST]} occurs more than once.")


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
