"""The parameters of a control path: of its query string and, over those, of a JSON object in its body."""

import json
import math
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Final, TypeVar

from starlette.requests import Request

from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.arn import ACCOUNT, REGION
from pocketbus.emulator.time.duration import instant_of, seconds_of

T = TypeVar("T")

LED: Final = "pocketbus.led"
"""The key of a scope whose account has led to where it is: a path that has no such parameter leaves it be."""
_TRUE, _FALSE = frozenset({"true", "1", "yes", ""}), frozenset({"false", "0", "no"})


class ParameterError(Exception):
    """A parameter is missing, unknown or not of its kind; the text says which."""


class Parameters:
    """Typed access to the parameters; each getter raises ParameterError. None stands for a parameter not given."""

    def __init__(self, given: dict[str, Any], known: Collection[str]) -> None:
        for name in given:
            if name not in known:
                raise ParameterError(f"There is no parameter {name}; there are {', '.join(known) or 'none'}.")
        self._given = {name: value for name, value in given.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def value(self, name: str) -> Any:
        """Return a parameter as it was given."""
        return self._given.get(name)

    def text(self, name: str) -> str | None:
        return self._read(name, _text)

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise ParameterError(f"The parameter {name} is required.")
        return text

    def account(self, name: str = "account") -> str | None:
        """Return an account id."""
        return self._read(name, lambda given: _matching(given, ACCOUNT, "an account id, which has 12 digits"))

    def region(self) -> str | None:
        """Return the name of a region."""
        return self._read("region", lambda given: _matching(given, REGION, "the name of a region"))

    def number(self, name: str, default: int, most: int, least: int = 0) -> int:
        """Return a whole number in bounds."""

        def read(given: Any) -> int:
            text = _text(given)
            with suppress(ValueError):
                if least <= (number := int(text)) <= most:
                    return number
            raise ValueError(f"give a number from {least} to {most}.")

        found = self._read(name, read)
        return default if found is None else found

    def real(self, name: str) -> float | None:
        """Return a number that need not be whole."""
        return self._read(name, lambda given: _finite(_text(given)))

    def flag(self, name: str) -> bool:
        return bool(self._read(name, _flag))

    def seconds(self, name: str, most: float | None = None) -> float | None:
        """Return a duration in seconds."""

        def read(given: Any) -> float:
            seconds = seconds_of(given if isinstance(given, int | float) else _text(given))
            if most is not None and seconds > most:
                raise ValueError(f"{most:g} seconds are the most.")
            return seconds

        return self._read(name, read)

    def instant(self, name: str) -> float | None:
        """Return an instant in epoch seconds."""
        return self._read(
            name, lambda given: instant_of(given if isinstance(given, int | float) else _text(given))
        )

    def _read(self, name: str, read: Callable[[Any], T]) -> T | None:
        if name not in self._given:
            return None
        try:
            return read(self._given[name])
        except ValueError as error:
            raise ParameterError(f"The parameter {name} is not valid: {error}") from error


async def parameters_of(request: Request, known: Collection[str]) -> Parameters:
    """Read a request's parameters; who resumes a stream says in a header what to go on `after`.

    Raise ParameterError, RequestEntityTooLarge, DisconnectedError.
    """
    given: dict[str, Any] = dict(request.query_params)
    if LED in request.scope and "account" not in known:
        given.pop("account", None)
    resumed_after = request.headers.get("last-event-id")
    if resumed_after is not None and "after" in known:
        given["after"] = resumed_after
    body = await read_body(dict(request.scope["headers"]), request.receive)
    if body.strip():
        given |= json_object(body)
    return Parameters(given, known)


def json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object. Raise ParameterError."""
    try:
        found = json.loads(body, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"The body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ParameterError("The body is no JSON object.")
    return found


def _text(given: Any) -> str:
    if not isinstance(given, str | int | float):
        raise ValueError(f"{json.dumps(given)[:100]} is no single value.")  # noqa: TRY004 - a mistake in a value
    return str(given)


def _finite(text: str) -> float:
    """Read a number; refuse those that JSON does not have or no float can hold."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that can be used.")
    return number


def _matching(given: Any, expression: "re.Pattern[str]", what: str) -> str:
    text = _text(given)
    if not expression.fullmatch(text):
        raise ValueError(f"{text[:100]!r} is not {what}.")
    return text


def _flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    text = _text(given).lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(f"{text!r} is neither true nor false.")
    return text in _TRUE
