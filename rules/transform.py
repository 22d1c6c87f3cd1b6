"""A target's Input, InputPath or InputTransformer: which text of an event the target receives.

The path language is jsonpath.py, the template language template.py.
"""

import re
from collections.abc import Callable, Mapping, Sized
from typing import NoReturn

from pocketbus.rules import json_text
from pocketbus.rules.jsonpath import MISSING, compile_path
from pocketbus.rules.template import parse
from pocketbus.rules.value import Value

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html and API_InputTransformer.html
MAX_INPUT = 8192
MAX_PATH = 256
MAX_TEMPLATE = 8192
MAX_PATHS = 100
MAX_PATH_NAME = 256
_PATH_NAME = re.compile(r"[A-Za-z0-9_-]+")


class InvalidTransform(ValueError):
    """The text is EventBridge's own ValidationException."""


class Variables(Value):
    """What a template may name besides the event; ingestion_time is ISO 8601 text."""

    rule_arn: str
    rule_name: str
    ingestion_time: str


_Source = Callable[[object, Variables], object]


def _without_detail(event: object) -> object:
    if not isinstance(event, dict):
        return event
    return {
        "detailType" if name == "detail-type" else name: v for name, v in event.items() if name != "detail"
    }


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
_PREDEFINED: dict[str, _Source] = {
    "aws.events.rule-arn": lambda _, variables: variables.rule_arn,
    "aws.events.rule-name": lambda _, variables: variables.rule_name,
    "aws.events.event.ingestion-time": lambda _, variables: variables.ingestion_time,
    "aws.events.event": lambda event, _: _without_detail(event),
    "aws.events.event.json": lambda event, _: event,
}


class Transform(Value):
    """What one target receives of an event."""

    _deliver: Callable[[str, Variables], str]

    def apply(self, event_json: str, variables: Variables) -> str | None:
        """Return the text delivered; None: EventBridge delivers nothing, and tells nobody.

        >>> variables = Variables("arn", "rule", "2026-11-23T12:00:00Z")
        >>> compile_transform("t", input_path="$.n").apply('{"n": 1.0}', variables)
        '1.0'
        """
        try:
            return json_text.escape_surrogates(self._deliver(event_json, variables))
        except ValueError:
            return None


def compile_transform(
    target_id: str,
    *,
    input: str | None = None,  # noqa: A002 - the member's name at AWS
    input_path: str | None = None,
    paths_map: Mapping[str, str] | None = None,
    template: str | None = None,
) -> Transform:
    """Compile the one of a target's three inputs that is given; with none, the event goes out as it is.

    Raise InvalidTransform with the text PutTargets answers.

    >>> compile_transform("t", template="<x>")
    Traceback (most recent call last):
    pocketbus.rules.transform.InvalidTransform: InputTemplate for target t contains invalid placeholder x.
    """
    if (input, input_path, template).count(None) < 2:
        raise InvalidTransform(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target_id}."
        )
    if input is not None:
        return _constant(target_id, input)
    if input_path is not None:
        return _selection(input_path)
    if template is not None:
        return _templated(target_id, paths_map or {}, template)
    return Transform(lambda event_json, _: event_json)


def _check_length(member: str, value: Sized, maximum: int, minimum: int = 0) -> None:
    if len(value) > maximum:
        _refuse(member, f"Member must have length less than or equal to {maximum}")
    if len(value) < minimum:
        _refuse(member, f"Member must have length greater than or equal to {minimum}")


def _refuse(member: str, constraint: str) -> NoReturn:
    raise InvalidTransform(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    )


def _constant(target_id: str, text: str) -> Transform:
    _check_length("input", text, MAX_INPUT)
    try:
        json_text.decode(text)
    except ValueError:
        raise InvalidTransform(f"JSON syntax error in input for target {target_id}.") from None
    return Transform(lambda *_: text)


def _selection(text: str) -> Transform:
    _check_length("inputPath", text, MAX_PATH)
    path = compile_path(text)

    def deliver(event_json: str, _: Variables) -> str:
        selected = path.select(json_text.decode(event_json))
        if selected is MISSING:
            raise ValueError("the event has nothing at this path")
        return json_text.encode(selected)

    return Transform(deliver)


def _templated(target_id: str, paths: Mapping[str, str], text: str) -> Transform:
    _check_length("inputTransformer.inputTemplate", text, MAX_TEMPLATE, minimum=1)
    _check_paths("inputTransformer.inputPathsMap", paths)
    template = parse(text)
    for name in template.names:
        if name not in paths and name not in _PREDEFINED:
            raise InvalidTransform(
                f"InputTemplate for target {target_id} contains invalid placeholder {name}."
            )
    fault = template.fault()
    if fault is not None:
        raise InvalidTransform(f"Invalid InputTemplate for target {target_id} : {_location(text, fault)}.")
    sources = {name: _source(name, paths) for name in template.names}

    def deliver(event_json: str, variables: Variables) -> str:
        event = json_text.decode(event_json)
        return template.fill({name: source(event, variables) for name, source in sources.items()})

    return Transform(deliver)


def _check_paths(member: str, paths: Mapping[str, str]) -> None:
    _check_length(member, paths, MAX_PATHS)
    for name, path in paths.items():
        _check_length(f"{member}.key", name, MAX_PATH_NAME)
        _check_length(f"{member}.{name}.member", path, MAX_PATH)
        if not _PATH_NAME.fullmatch(name):
            _refuse(f"{member}.key", r"Member must satisfy regular expression pattern: [A-Za-z0-9\_\-]+")


def _source(name: str, paths: Mapping[str, str]) -> _Source:
    if name in _PREDEFINED:
        return _PREDEFINED[name]
    path = compile_path(paths[name])
    return lambda event, _: path.select(event)


def _location(text: str, position: int) -> str:
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    return f'[Source: (String)"{text}"; line: {line}, column: {column}]'
