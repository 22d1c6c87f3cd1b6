"""A process that evaluates JSONata, apart from the server: whatever an expression does there, its time and memory end.

It reads requests from its input, a line of JSON each, and answers each with a line. Started by expressions.py.
"""

import hashlib
import json
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from types import FrameType
from typing import Any, BinaryIO, Final

from pocketbus.emulator.ids import Ids

CPU_SECONDS: Final = 1.0
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-jsonata.html"""
MEMORY_BYTES: Final = 512 * 1024 * 1024
MOST_BYTES: Final = 10 * 1024 * 1024
"""How much all results of one request may be."""
_MOST_IN_RANGE: Final = 10_000_000
_ALGORITHMS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class OverTimeError(BaseException):
    """The time of a request is over; nothing that is evaluated catches this."""


def main(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    _bound_memory()
    for line in requests:
        try:
            answer = _answer(json.loads(line))
        except OverTimeError:
            answer = json.dumps({"error": f"The evaluation took longer than {CPU_SECONDS:g} second."})
        except MemoryError:
            answer = json.dumps({"error": "The evaluation takes too much memory."})
        except RecursionError:
            answer = json.dumps(
                {"error": "Stack overflow error: the expression is nested too deep, or without end."}
            )
        except Exception as error:  # noqa: BLE001 - the library raises what Python does
            answer = json.dumps({"error": f"{error}"[:1000]})
        answers.write(answer.encode() + b"\n")
        answers.flush()


def _answer(request: Mapping[str, Any]) -> str:
    answer = json.dumps({"results": _bounded(request)}, allow_nan=False)
    if len(answer) > MOST_BYTES:
        raise ValueError(f"The result is longer than {MOST_BYTES} bytes.")
    return answer


def _bound_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _bounded(request: Mapping[str, Any]) -> list[Any]:
    """Evaluate within the time that a request has; where no signals are, whoever waits ends the process."""
    if not hasattr(signal, "setitimer"):
        return _evaluated(request)
    signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        return _evaluated(request)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise OverTimeError


def _evaluated(request: Mapping[str, Any]) -> list[Any]:
    from jsonata.timebox import Timebox  # noqa: PLC0415 - loaded by whoever evaluates

    Timebox.current_milli_time = staticmethod(lambda: request["now"])
    ids = Ids(request["seed"])
    results = []
    for text in request["expressions"]:
        expression = _compiled(text)
        frame = expression.create_frame()
        frame.bind("events", request["events"])
        for name, function in _functions(ids).items():
            frame.bind(name, function)
        results.append(expression.evaluate(None, frame))
    return results


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:
    from jsonata import Jsonata  # noqa: PLC0415 - likewise

    return Jsonata(text)


def _functions(ids: Ids) -> dict[str, Any]:
    """Return what AWS's dialect has beside JSONata's own functions, and None for what it has not."""
    from jsonata import Jsonata  # noqa: PLC0415 - likewise

    def chance(seed: float | None = None) -> float:
        return ids.random.random() if seed is None else ids.chance(int(seed)).random()

    functions = {
        "hash": _hash,
        "parse": json.loads,
        "partition": _partition,
        "range": _range,
        "random": chance,
        "uuid": ids.uuid,
    }
    return {name: Jsonata.JLambda(function) for name, function in functions.items()} | {"eval": None}


def _hash(value: Any, algorithm: str) -> str:
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"{algorithm} is no hash algorithm; there are {', '.join(_ALGORITHMS)}.")
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    digest: str = _ALGORITHMS[algorithm](text.encode()).hexdigest()
    return digest


def _partition(array: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    if step < 1:
        raise ValueError("The size of a partition must be at least 1.")
    return [list(array[start : start + step]) for start in range(0, len(array), step)]


def _range(start: float, end: float, delta: float) -> list[float]:
    if not delta or abs((end - start) / delta) > _MOST_IN_RANGE:
        raise ValueError(f"A range has at most {_MOST_IN_RANGE} elements.")
    count = int((end - start) // delta) + 1
    return [start + number * delta for number in range(max(0, count))]


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
