"""JSONata: expressions are read here and evaluated in a process apart, which jsonata_worker.py is."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from pocketbus.emulator.component import Component
from pocketbus.emulator.custombuses.failures import INPUT_TRANSFORMATION_FAILURE, DeliveryFailed
from pocketbus.emulator.door import Door

WORKER: Final = "pocketbus.emulator.custombuses.jsonata_worker"
_WAIT_SECONDS: Final = 30.0
"""Real seconds after which the process is ended that does not answer: its own bound on its time is far less."""
_LINE_BYTES: Final = 64 * 1024 * 1024


class ExpressionError(ValueError):
    """An expression that cannot be read; the text says why."""


def check_expression(text: str) -> None:
    """Raise ExpressionError for what is no JSONata."""
    deepest = sys.getrecursionlimit()
    from jsonata import Jsonata  # noqa: PLC0415 - loaded by the first subscriber that has an expression

    sys.setrecursionlimit(deepest)  # the library raises it for everybody, beyond what the C stack holds
    try:
        Jsonata(text)
    except RecursionError:
        raise ExpressionError("it is nested too deep") from None
    except Exception as error:
        raise ExpressionError(str(error)) from error


class Expressions(Component):
    """Evaluates with one process, begun when it is first needed and begun anew when it had to be ended."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def evaluate(self, expressions: Sequence[str], events: Any, now: float, seed: int) -> list[Any]:
        """Return the values of expressions about some events. Raise DeliveryFailed."""
        request = {"expressions": list(expressions), "events": events, "now": int(now * 1000), "seed": seed}
        text = await self._door.outside(self._ask(json.dumps(request).encode() + b"\n"))
        if not text:
            raise DeliveryFailed(INPUT_TRANSFORMATION_FAILURE, "The evaluation was broken off.")
        answer = json.loads(text)
        if "error" in answer:
            raise DeliveryFailed(INPUT_TRANSFORMATION_FAILURE, answer["error"])
        results: list[Any] = answer["results"]
        return results

    async def _ask(self, line: bytes) -> str:
        """Return the answer of the process, nothing if it had to be ended."""
        async with self._turn:
            process = await self._started()
            try:
                async with asyncio.timeout(_WAIT_SECONDS):
                    answer = await _answer(process, line)
            except asyncio.CancelledError:
                await self._end()
                raise
            except (TimeoutError, OSError, ValueError):
                answer = b""
            if not answer:
                await self._end()
            return answer.decode()

    async def _started(self) -> Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", WORKER, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE_BYTES
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if process.stdin is not None:
                process.stdin.close()

    async def close(self) -> None:
        """End the process."""
        await self._end()


async def _answer(process: Process, line: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    process.stdin.write(line)
    await process.stdin.drain()
    return await process.stdout.readline()
