"""The constraints of the models, checked in their order and answered in AWS's words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from math import inf
from typing import Any

from pocketbus.apis.codec import java
from pocketbus.apis.codec.errors import ValidationError, ValidationException
from pocketbus.apis.codec.query_names import SQS_NAMES
from pocketbus.apis.model import Operation, Shape
from pocketbus.emulator.arn import fault_of
from pocketbus.emulator.errors import (
    EngineError,
    InvalidInputException,
    InvalidParameterException,
    MissingRequiredParameterException,
)

Params = dict[str, Any]
Validate = Callable[[Params], None]

Check = Callable[[Any, str, list[str]], None]
"""Appends what is wrong with the value at a path to the list."""

Fits = Callable[[Any], bool]
"""Tells whether a value keeps all that its shape asks for."""

Constraint = tuple[Callable[[Any], bool], str]
"""Whether a value keeps the constraint, and the constraint in AWS's words."""

_CHARACTER_CLASSES = (
    (r"\p{L}", r"\w"),
    (r"\p{N}", r""),
    (r"\p{Z}", r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
)


# AWS was seen to take these words in small letters too.
_CASELESS = frozenset({"ConnectionOAuthHttpMethod"})

_NUMERIC = frozenset({"integer", "long", "float", "double"})

_LINEAR = {
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": r"\t*[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*",
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*[\x20-\x7E][\t\x20-\x7E]*",
    r"([ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*|\{%[\s\S]+?%\})": (
        r"(\t*[\x20-\x7E][\t\x20-\x7E]*|\{%[\s\S]+?%\})"
    ),
    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$": (
        r"arn:aws[a-z-]*:events:[a-z\d-]*:([0-9]{12})?:.[^/\n]*/.+"
    ),
}
"""Patterns of the models whose time grows faster than the text, and what matches the same texts in linear time."""


def validator(service: str, operation: Operation) -> Validate:
    """Compile what raises the service's error for an input that breaks the model's constraints."""
    error = ValidationError if operation.http is None else ValidationException
    return _VALIDATORS.get(service, partial(_constraint_validator, error))(operation)


def _constraint_validator(error: type[EngineError], operation: Operation) -> Validate:
    check, fits = _structure_check(operation.input), _fits(operation.input)

    def validate(params: Params) -> None:
        if check is None or fits is None or fits(params):
            return
        errors: list[str] = []
        check(params, "", errors)
        if errors:
            plural = "s" if len(errors) > 1 else ""
            raise error(f"{len(errors)} validation error{plural} detected: {'; '.join(errors)}")

    return validate


def _fits(shape: Shape) -> Fits | None:
    """Compile what tells at once whether a value keeps every constraint; None: there is none to keep."""
    if shape.type == "structure":
        return _structure_fits(shape)
    own = _scalar_fits(shape)
    if shape.type not in _CONTAINERS:
        return own
    element, key = _fits(shape.element), None if shape.key is None else _fits(shape.key)
    if own is None and element is None and key is None:
        return None
    is_map = shape.type == "map"

    def fits(value: Any) -> bool:
        if own is not None and not own(value):
            return False
        if key is not None and not all(map(key, value)):
            return False
        return element is None or all(map(element, value.values() if is_map else value))

    return fits


def _structure_fits(shape: Shape) -> Fits | None:
    required = tuple(member.name for member in shape.members if member.required)
    found = [(member.name, _fits(member.shape)) for member in shape.members]
    constrained = tuple((name, fits) for name, fits in found if fits is not None)
    if not required and not constrained:
        return None

    def fits(value: Any) -> bool:
        for name in required:
            if value.get(name) is None:
                return False
        for name, fits_shape in constrained:
            item = value.get(name)
            if item is not None and not fits_shape(item):
                return False
        return True

    return fits


def _scalar_fits(shape: Shape) -> Fits | None:
    kept = [keeps for keeps, _ in _constraints(shape)]
    if not kept:
        return None
    if shape.enum or shape.type in _NUMERIC:
        return lambda value: all(keeps(value) for keeps in kept)
    least, most = shape.minimum or 0, inf if shape.maximum is None else shape.maximum
    if shape.pattern is None:
        return lambda value: least <= len(value) <= most
    fullmatch = compile_pattern(shape.pattern).fullmatch
    return lambda value: least <= len(value) <= most and fullmatch(value) is not None


def _structure_check(shape: Shape) -> Check | None:
    members = [
        (member.name, _label(member.name), member.required, _check(member.shape)) for member in shape.members
    ]
    members = [member for member in members if member[2] or member[3]]
    if not members:
        return None

    def check(value: Any, path: str, errors: list[str]) -> None:
        prefix = f"{path}." if path else ""
        for name, label, required, check_member in members:
            item = value.get(name)
            if item is None:
                if required:
                    errors.append(_violation("Value null", prefix + label, "Member must not be null"))
            elif check_member is not None:
                check_member(item, prefix + label, errors)

    return check


def _label(name: str) -> str:
    return name[:1].lower() + name[1:]


def _violation(value: str, path: str, constraint: str) -> str:
    return f"{value} at '{path}' failed to satisfy constraint: {constraint}"


def _check(shape: Shape) -> Check | None:
    if shape.type == "structure":
        return _structure_check(shape)
    own = _constraints(shape)
    checks = [_own_check(shape, own)] if own else []
    if shape.type in _CONTAINERS:
        checks += _inner_checks(shape)
    return _all_of(checks) if checks else None


def _all_of(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, path: str, errors: list[str]) -> None:
        for part in checks:
            part(value, path, errors)

    return check


def _own_check(shape: Shape, constraints: list[Constraint]) -> Check:
    def check(value: Any, path: str, errors: list[str]) -> None:
        for keeps, text in constraints:
            if not keeps(value):
                errors.append(_violation(java.quoted(value, shape), path, text))

    return check


def _inner_checks(shape: Shape) -> list[Check]:
    """Compile the checks of a container's elements, each only where there is something to check."""
    checks = []
    if shape.key is not None and (constraints := _constraints(shape.key)):
        checks.append(_elements_check(shape, "Map keys", iter, constraints))
    if shape.element.type == "structure" or shape.element.type in _CONTAINERS:
        if check_element := _check(shape.element):
            checks.append(_containers_check(shape, check_element))
    elif constraints := _constraints(shape.element):
        name, elements = _CONTAINERS[shape.type]
        checks.append(_elements_check(shape, name, elements, constraints))
    return checks


def _containers_check(shape: Shape, check_element: Check) -> Check:
    number = partial(enumerate, start=1)
    named: Callable[[Any], Iterable[tuple[Any, Any]]] = number if shape.type == "list" else dict.items

    def check(value: Any, path: str, errors: list[str]) -> None:
        for key, item in named(value):
            check_element(item, f"{path}.{key}.member", errors)

    return check


def _elements_check(
    shape: Shape, name: str, elements: Callable[[Any], Iterable[Any]], constraints: list[Constraint]
) -> Check:
    """Compile the check of scalars in a container: AWS names the whole, and every constraint of its elements."""
    kept = [keeps for keeps, _ in constraints]
    text = f"{name} must satisfy constraint: [{', '.join(text for _, text in constraints)}]"

    def check(value: Any, path: str, errors: list[str]) -> None:
        if not all(keeps(item) for item in elements(value) for keeps in kept):
            errors.append(_violation(java.quoted(value, shape), path, text))

    return check


# What AWS calls the elements of a container, and how to get at them.
_CONTAINERS: Mapping[str, tuple[str, Callable[[Any], Iterable[Any]]]] = {
    "list": ("Member", iter),
    "map": ("Map value", dict.values),
}


def _constraints(shape: Shape) -> list[Constraint]:
    found: list[Constraint] = []
    if shape.pattern is not None:
        found.append(
            (_matches(shape.pattern), f"Member must satisfy regular expression pattern: {shape.pattern}")
        )
    if shape.enum:
        known = frozenset(shape.enum).__contains__
        keeps = _upper(known) if shape.name in _CASELESS else known
        found.append((keeps, _enum_text(shape.enum)))
    numeric = shape.type in _NUMERIC
    measure: Callable[[Any], float] = float if numeric else len
    noun = "value" if numeric else "length"
    maximum, minimum = shape.maximum, shape.minimum
    if maximum is not None:
        found.append(
            (partial(_at_most, measure, maximum), f"Member must have {noun} less than or equal to {maximum}")
        )
    if minimum is not None:
        found.append(
            (
                partial(_at_least, measure, minimum),
                f"Member must have {noun} greater than or equal to {minimum}",
            )
        )
    return found


def _matches(pattern: str) -> Callable[[Any], bool]:
    fullmatch = compile_pattern(pattern).fullmatch
    return lambda value: fullmatch(value) is not None


def compile_pattern(pattern: str) -> "re.Pattern[str]":
    """Compile a pattern of the models for fullmatch, in linear time."""
    flags = re.ASCII
    pattern = _LINEAR.get(pattern, pattern)
    for java_class, ours in _CHARACTER_CLASSES:
        if java_class in pattern:
            pattern = pattern.replace(java_class, ours)
            flags = re.UNICODE
    return re.compile(pattern, flags)


def _upper(keeps: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: keeps(value.upper())


def _at_most(measure: Callable[[Any], float], bound: int, value: Any) -> bool:
    return measure(value) <= bound


def _at_least(measure: Callable[[Any], float], bound: int, value: Any) -> bool:
    return measure(value) >= bound


def _enum_text(values: tuple[str, ...]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(java.set_order(values))}]"


def _validator_after_arns(operation: Operation) -> Validate:
    """SNS reads the ARNs of a request before it misses anything: of two faults a bad ARN is told first."""
    arns = [
        member.name
        for member in operation.input.members
        if member.name.endswith("Arn") and member.shape.type == "string"
    ]
    validate, fits = _constraint_validator(ValidationError, operation), _fits(operation.input)

    def validate_after_arns(params: Params) -> None:
        if fits is None or fits(params):
            return
        try:
            validate(params)
        except ValidationError:
            for name in arns:
                if name in params and (fault := fault_of(params[name])):
                    raise InvalidParameterException(f"Invalid parameter: {name} Reason: {fault}") from None
            raise

    return validate_after_arns


def _validator_after_numbers(operation: Operation) -> Validate:
    """Pipes checks numbers by a JSON schema, in the words of its validator, before all the rest."""
    validate = _constraint_validator(ValidationException, operation)

    def validate_after_numbers(params: Params) -> None:
        errors = list(_numbers_out_of_range(operation.input, params))
        if errors:
            raise ValidationException(f"[{', '.join(errors)}]")
        validate(params)

    return validate_after_numbers


def _numbers_out_of_range(shape: Shape, value: Any) -> Iterator[str]:
    match shape.type:
        case "structure":
            for member in shape.members:
                if value.get(member.name) is not None:
                    yield from _numbers_out_of_range(member.shape, value[member.name])
        case "list" | "map":
            for part in value if shape.type == "list" else value.values():
                yield from _numbers_out_of_range(shape.element, part)
        case "integer":
            if shape.minimum is not None and value < shape.minimum:
                bound = f"lower than the required minimum (minimum: {shape.minimum}"
                yield f"numeric instance is {bound}, found: {value})"
            if shape.maximum is not None and value > shape.maximum:
                bound = f"greater than the required maximum (maximum: {shape.maximum}"
                yield f"numeric instance is {bound}, found: {value})"


def _required_validator(operation: Operation) -> Validate:
    """SQS knows no constraint but presence, at the top and in the entries of a batch."""
    required = [member.name for member in operation.input.members if member.required]
    entries = [
        (member.name, SQS_NAMES.of_member(member.name, member.shape), wanted)
        for member in operation.input.members
        if member.shape.item is not None and (wanted := _required_members(member.shape.item))
    ]

    def validate(params: Params) -> None:
        for name in required:
            if name not in params:
                raise _missing(name)
        for name, wire_name, wanted in entries:
            for number, entry in enumerate(params.get(name, ()), 1):
                for missing in wanted:
                    if missing not in entry:
                        raise _missing(f"{wire_name}.{number}.{missing}")

    return validate


def _required_members(shape: Shape) -> list[str]:
    return [member.name for member in shape.members if member.required]


def _missing(name: str) -> MissingRequiredParameterException:
    return MissingRequiredParameterException(f"The request must contain the parameter {name}.")


_VALIDATORS: Mapping[str, Callable[[Operation], Validate]] = {
    "sqs": _required_validator,
    "sns": _validator_after_arns,
    "events": partial(_constraint_validator, ValidationException),
    "eventbridgev2": partial(_constraint_validator, InvalidInputException),
    "pipes": _validator_after_numbers,
}
