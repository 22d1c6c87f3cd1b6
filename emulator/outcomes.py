"""What came of work outside of the engine, as a journal keeps it: an answer, a result, a text, or a failure."""

from typing import Any

from pocketbus.emulator.deliveries import failures
from pocketbus.emulator.deliveries.failures import AttemptDefect
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.invocation import Result

_KINDS: dict[str, Any] = {"answer": HttpAnswer, "result": Result}


def written(outcome: Any) -> list[Any]:
    """Write an outcome: its kind, then its parts. A defect is kept as one, the log tells more of it."""
    if isinstance(outcome, HttpAnswer):
        return ["answer", outcome.status, dict(outcome.headers), outcome.body]
    if isinstance(outcome, Result):
        return ["result", *outcome]
    if isinstance(outcome, BaseException):
        known = isinstance(outcome, EngineError) and hasattr(failures, type(outcome).__name__)
        kept = outcome if known else AttemptDefect()
        return ["failure", type(kept).__name__, str(kept)]
    return ["text", outcome]


def read(kept: list[Any]) -> Any:
    """Return what was written; a failure as the exception that it is."""
    kind, *parts = kept
    if kind == "failure":
        name, message = parts
        return getattr(failures, name)(message)
    return parts[0] if kind == "text" else _KINDS[kind](*parts)
