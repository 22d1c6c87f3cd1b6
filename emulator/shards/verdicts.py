"""How a delivery has ended in another shard, as both shards' journals keep it: None, or the error that refused it."""

from typing import Any

from pocketbus.emulator import errors
from pocketbus.emulator.deliveries import failures
from pocketbus.emulator.deliveries.api_calls import CallFailed, CallFailure, CallRefused
from pocketbus.emulator.deliveries.failures import GaveUp, TargetRefused
from pocketbus.emulator.errors import EngineError

Verdict = list[Any] | None
"""In JSON's own types; None: the target has taken the delivery."""

_GAVE_UP, _CALL = "gave up", "call"


def written(error: EngineError | None) -> Verdict:
    if error is None:
        return None
    if isinstance(error, GaveUp):
        return [_GAVE_UP, written(error.cause), error.retries, error.condition]
    if isinstance(error, CallFailure):
        return [_CALL, isinstance(error, CallFailed), error.code, error.message]
    return [type(error).__name__, error.message]


def read(verdict: Verdict) -> EngineError | None:
    """Return the error that was written; one of a class that is not known by name has its message alone."""
    if verdict is None:
        return None
    kind, *parts = verdict
    if kind == _GAVE_UP:
        cause, retries, condition = parts
        return GaveUp(read(cause) or TargetRefused(), retries, condition)
    if kind == _CALL:
        may_pass, code, message = parts
        return (CallFailed if may_pass else CallRefused)(code, message)
    known = getattr(failures, kind, getattr(errors, kind, TargetRefused))
    if not (isinstance(known, type) and issubclass(known, EngineError)):
        known = TargetRefused
    error: EngineError = known.__new__(known, *parts)
    return error
