"""The `anything-but` operator: values, lists of values, and what may be named within it."""

from collections.abc import Callable, Container

from pocketbus.rules.compiling import TOO_MANY, Compile, Operators, double, string_text, wildcard_of
from pocketbus.rules.conditions import AnythingBut, Caseless, Condition
from pocketbus.rules.numeric import comparable
from pocketbus.rules.reader import Reader, Token
from pocketbus.rules.rejection import InvalidPattern

_NOT_SCALAR = "Value of anything-but must be an array or single string/number value."
_BAD_ELEMENT = "Inside anything but list, start|null|boolean is not supported."
_MIXED = "Inside anything but list, either all values are number or string, mixed type is not supported"


def anything_but(refusable: Operators, scalars: Container[Token] = (Token.STRING, Token.NUMBER)) -> Compile:
    """Make the anything-but operator that may refuse values and what `refusable` names.

    Each of `refusable` judges a single value of one of the types `scalars`, or the entries of a list.
    """

    def compile_anything_but(reader: Reader) -> Condition:
        match reader.next():
            case Token.OPEN_OBJECT:
                return _anything_but_expression(reader, refusable, scalars)
            case Token.OPEN_ARRAY:
                return AnythingBut(_listed_atoms(reader))
            case Token.STRING:
                return AnythingBut(frozenset((reader.text,)))
            case Token.NUMBER:
                return AnythingBut(frozenset((_anything_but_number(reader),)))
        raise reader.refuse(_NOT_SCALAR)

    return compile_anything_but


def _anything_but_number(reader: Reader) -> float:
    number = comparable(reader.text)
    if number is None:
        raise InvalidPattern(f"Cannot compare number : {reader.text}")
    return number


def _listed_atoms(reader: Reader) -> frozenset[str | float]:
    atoms: set[str | float] = set()
    while reader.next() is not Token.CLOSE_ARRAY:
        if reader.token is Token.STRING:
            atoms.add(reader.text)
        elif reader.token is Token.NUMBER:
            atoms.add(double(reader, reader.text))
        else:
            raise reader.refuse(_BAD_ELEMENT)
    if len({type(atom) for atom in atoms}) != 1:
        raise reader.refuse(_MIXED)
    return frozenset(atoms)


def _anything_but_expression(reader: Reader, refusable: Operators, scalars: Container[Token]) -> Condition:
    if reader.next() is not Token.NAME:
        raise reader.refuse("Anything-But expression name not found")
    if reader.text not in refusable:
        raise reader.refuse(f"Unsupported anything-but pattern: {reader.text}")
    refused = refusable[reader.text]
    if reader.next() is Token.OPEN_ARRAY:
        conditions = _listed_conditions(reader, refused)
    elif reader.token in scalars:
        conditions = (refused(reader),)
    else:
        raise reader.refuse(_NOT_SCALAR)
    if reader.next() is not Token.CLOSE_OBJECT:
        raise reader.refuse(TOO_MANY)
    return AnythingBut(frozenset(), conditions)


def _listed_conditions(reader: Reader, refused: Compile) -> tuple[Condition, ...]:
    conditions: dict[Condition, None] = {}
    while reader.next() is not Token.CLOSE_ARRAY:
        conditions[refused(reader)] = None
    if not conditions:
        raise reader.refuse(_MIXED)
    return tuple(conditions)


def refused_affix(of: Callable[[str], Condition], name: str) -> Compile:
    """Make the compile function of a prefix or suffix within anything-but; `name` is what a wrong type is told."""

    def compile_affix(reader: Reader) -> Condition:
        if not string_text(reader, name):
            raise reader.refuse("Null prefix/suffix not allowed")
        return of(reader.text)

    return compile_affix


def refused_caseless(reader: Reader) -> Condition:
    if reader.token is not Token.STRING:
        reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        raise reader.refuse(reason)
    return Caseless.of(reader.text)


def refused_wildcard(reader: Reader) -> Condition:
    return wildcard_of(reader, string_text(reader, "wildcard"))
