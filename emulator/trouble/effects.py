"""What a fault does where it strikes: one frozen record a kind of trouble, and how each is read and told."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from pocketbus.emulator.deliveries.failures import TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer, verdict
from pocketbus.emulator.errors import EngineError

_MOST_DELAY_SECONDS = 900.0
_MOST_TEXT = 1024
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._]{0,127}", re.ASCII)
_REASONS = ("status", "unreachable", "timeout")


class FaultError(ValueError):
    """What was asked for is no fault; the text says why."""


class InjectedError(EngineError):
    """The error that a fault was told to answer with, under the name of one of AWS's."""

    def __init__(self, name: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self._name = name
        self.status = status

    @property
    def name(self) -> str:
        return self._name


class Error(Struct, frozen=True):
    """The operation is not carried out, and answered with the error of this AWS code."""

    code: str
    message: str = "A fault was set to answer so."
    status: int | None = None

    def __post_init__(self) -> None:
        _check_code(self.code)
        _check_status(self.status)

    def error(self, _service: str) -> EngineError:
        return InjectedError(self.code, self.message, self.status)


class Throttle(Struct, frozen=True):
    """The operation is not carried out; its service asks for fewer requests, each in its own words."""

    def error(self, service: str) -> EngineError:
        return InjectedError(*_THROTTLED.get(service, ("ThrottlingException", "Rate exceeded")))


_THROTTLED: Mapping[str, tuple[str, str]] = {
    "sqs": ("RequestThrottled", "The request was denied due to request throttling."),
    "sns": ("ThrottledException", "Rate exceeded"),
}


class Latency(Struct, frozen=True):
    """The operation waits before it is carried out: real seconds, by which a client's own time-outs count."""

    delay: float

    def __post_init__(self) -> None:
        if not 0 <= self.delay <= _MOST_DELAY_SECONDS:
            raise FaultError(f"delay is not valid: give 0 to {_MOST_DELAY_SECONDS:g} seconds.")


class Cut(Struct, frozen=True):
    """The connection ends without an answer, before the operation is carried out or after it took effect."""

    when: str

    def __post_init__(self) -> None:
        if self.when not in {"before", "after"}:
            raise FaultError(f"when is not valid: {self.when!r} is neither before nor after.")


class Partial(Struct, frozen=True):
    """Single entries of a batch are not carried out, and are among those that failed."""

    code: str = "InternalFailure"
    message: str = "A fault was set to answer so."

    def __post_init__(self) -> None:
        _check_code(self.code)

    def error(self) -> EngineError:
        return InjectedError(self.code, self.message)


class Duplicate(Struct, frozen=True):
    """A message of a standard queue is handed out once more, as a copy; a delivery over a network is made twice."""


class Reorder(Struct, frozen=True):
    """A standard queue does not hand out the message whose turn it is, but one of the next."""


class Failure(Struct, frozen=True):
    """A target does not take what is delivered to it: it answers with an HTTP status, or not at all."""

    status: int | None = None
    reason: str = "status"

    def __post_init__(self) -> None:
        _check_status(self.status)
        if self.reason not in _REASONS:
            raise FaultError(f"reason is not valid: {self.reason!r} is none of {', '.join(_REASONS)}.")
        if self.reason != "status" and self.status is not None:
            raise FaultError(f"status is not valid: a target has none where the reason is {self.reason}.")

    def fail(self) -> None:
        """Raise what an attempt that went so raises."""
        match self.reason:
            case "unreachable":
                raise TargetUnreachable("no connection could be made")
            case "timeout":
                raise TargetTimedOut("no answer came in time")
            case _:
                verdict(HttpAnswer(self.status or 503, {}, b""))


OfRequest = Error | Throttle | Latency | Cut
Effect = OfRequest | Partial | Duplicate | Reorder | Failure

KINDS: Mapping[str, type[Effect]] = {
    kind.__name__.lower(): kind
    for kind in (Error, Throttle, Latency, Cut, Partial, Duplicate, Reorder, Failure)
}

DETAILS: tuple[str, ...] = tuple(
    dict.fromkeys(name for kind in KINDS.values() for name in kind.__struct_fields__)
)
"""What one kind or another is told beside where and how often it strikes."""


def effect_of(kind: str, details: Mapping[str, Any]) -> Effect:
    """Make the effect of a kind by its name. Raise FaultError."""
    effect = KINDS.get(kind)
    if effect is None:
        raise FaultError(f"{kind!r} is no kind of fault; there are {', '.join(KINDS)}.")
    known = {field.name: field for field in fields(effect)}
    for name, value in details.items():
        if name not in known:
            raise FaultError(
                f"A fault of the kind {kind} has no {name}; it has {', '.join(known) or 'nothing'}."
            )
        _check_type(name, value, known[name].type)
    for name, field in known.items():
        if name not in details and field.required:
            raise FaultError(f"A fault of the kind {kind} needs {name}.")
    return effect(**details)


def kind_of(effect: Effect) -> str:
    return type(effect).__name__.lower()


def _check_type(name: str, value: Any, declared: Any) -> None:
    kind = int | float if declared is float else declared
    if not isinstance(value, kind) or isinstance(value, bool):
        raise FaultError(f"{name} is not valid: {value!r} is no {_WORDS[declared]}.")
    if isinstance(value, str) and not 0 < len(value) <= _MOST_TEXT:
        raise FaultError(f"{name} is not valid: give 1 to {_MOST_TEXT} characters.")


_WORDS: Mapping[Any, str] = {str: "text", float: "number", int | None: "whole number"}


def _check_code(code: str) -> None:
    """Refuse what would not be a code in a header and in XML."""
    if not _CODE.fullmatch(code):
        raise FaultError(f"code is not valid: {code!r} is no error code of AWS, such as ThrottlingException.")


def _check_status(status: int | None) -> None:
    if status is not None and not 400 <= status <= 599:
        raise FaultError(f"status is not valid: {status} is no HTTP status of a failure, from 400 to 599.")
