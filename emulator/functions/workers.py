"""What runs a function: a callable in this process, or a URL that takes Invoke. Processes that attach: attached.py."""

import asyncio
import json
import traceback
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from msgspec import Struct

from pocketbus.emulator.deliveries.failures import TargetThrottled
from pocketbus.emulator.deliveries.http_answer import HttpAnswer, verdict
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.door import Door
from pocketbus.emulator.functions.invocation import (
    LONGEST_SECONDS,
    UNHANDLED,
    Invocation,
    Result,
    failure,
    timed_out,
)
from pocketbus.emulator.time.timers import Timers

CONCURRENT = 5
"""How many invocations a callable or a URL is given at a time: with as many pollers a mapping begins at AWS."""

_ANSWER_BYTES = 6 * 1024 * 1024 + 64 * 1024
_HEADERS = {"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"}
_INTERFACE_EMULATOR = "/2015-03-31/functions/function/invocations"
"""The one path of Lambda's runtime interface emulator, which runs one invocation at a time."""


class Workers(ABC):
    """Whatever runs one function; `kind` is what a person calls it."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def capacity(self) -> int:
        """Count the invocations that can be under way at a time."""

    @abstractmethod
    async def run(self, invocation: Invocation) -> Result:
        """Run one. Raise TransientFailure or TargetRefused if the function was not reached."""


class Context(Struct, frozen=True):
    """What a Python callable learns of its invocation, under the names of Lambda's own context."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    function_version: str = "$LATEST"
    remaining_time: Callable[[], int] = lambda: 0

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds of the emulator's time until the invocation times out."""
        return self.remaining_time()


Handler = Callable[[Any, Context], object]


class InProcess(Workers):
    """A Python callable, run in a thread: it may use a client of this very emulator, which needs the event loop."""

    kind = "callable"
    capacity = CONCURRENT

    def __init__(self, handler: Handler, timers: Timers, door: Door) -> None:
        self._handler = handler
        self._timers = timers
        self._door = door

    async def run(self, invocation: Invocation) -> Result:
        """A callable that takes longer than the timeout goes on, and nobody waits for it any more."""
        ends_at = self._door.once(self._timers.now) + invocation.timeout_seconds
        context = Context(
            invocation.name,
            invocation.function_arn,
            invocation.request_id,
            invocation.version,
            lambda: max(0, round(1000 * (ends_at - self._timers.now()))),
        )
        called = self._door.ask(self._called(invocation, context))

        def time_out(_now: float) -> None:
            called.cancel()

        timer = self._timers.call_once_at(ends_at, time_out)
        try:
            result: Result = await self._door.wait(called)
        except asyncio.CancelledError:
            if timer.item is not None:
                raise
            return timed_out(invocation)
        finally:
            self._timers.cancel(timer)
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Tell all but the callable, which is its process's own."""
        return {"_timers": self._timers, "_door": self._door}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._handler = gone

    async def _called(self, invocation: Invocation, context: Context) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _call, self._handler, invocation, context)


def gone(_event: Any, context: Context) -> object:
    """Stand for a callable of a process that is no more."""
    raise RuntimeError(f"The callable {context.function_name} was in the process that this is a replay of.")


def _call(handler: Handler, invocation: Invocation, context: Context) -> Result:
    try:
        returned = handler(json.loads(invocation.payload or b"{}"), context)
    except Exception as error:  # noqa: BLE001 - whatever a user's function raises is its outcome
        trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
        return failure(type(error).__name__, str(error), requestId=invocation.request_id, stackTrace=trace)
    except SystemExit as error:
        return failure(
            "Runtime.ExitError", f"RequestId: {invocation.request_id} Error: exit status {error.code}"
        )
    try:
        return Result(json.dumps(returned).encode())
    except (TypeError, ValueError, RecursionError) as error:
        return failure("Runtime.MarshalError", f"Unable to marshal response: {error}")


class AtUrl(Workers):
    """A URL that takes Invoke: another emulator, SAM's, or the runtime interface emulator.

    A URL with a path is taken as it is.
    """

    kind = "url"

    def __init__(self, url: str, name: str, http: HttpClient) -> None:
        self._http = http
        if urlsplit(url).path.strip("/"):
            self._url = url
        else:
            self._url = f"{url.rstrip('/')}/2015-03-31/functions/{quote(name, safe='')}/invocations"

    @property
    def capacity(self) -> int:
        return 1 if self._one_at_a_time else CONCURRENT

    @property
    def _one_at_a_time(self) -> bool:
        return self._url.endswith(_INTERFACE_EMULATOR)

    async def run(self, invocation: Invocation) -> Result:
        answer = await self._http.request(
            "POST",
            self._url,
            _HEADERS,
            invocation.payload,
            answer_seconds=LONGEST_SECONDS,
            most=_ANSWER_BYTES,
        )
        if self._one_at_a_time and answer.status == 400 and not answer.body:
            raise TargetThrottled("it runs another invocation")
        verdict(answer)
        return Result(answer.body, self._error(answer), _log_of(answer))

    def _error(self, answer: HttpAnswer) -> str:
        """The runtime interface emulator tells of no failure but by what it answers.

        https://github.com/aws/aws-lambda-runtime-interface-emulator/issues/20
        """
        if "x-amz-function-error" in answer.headers or not self._one_at_a_time:
            return answer.headers.get("x-amz-function-error", "")
        try:
            # The digits of numbers do not matter, and Python takes no more than 4,300 of an integer.
            said = json.loads(answer.body or b"null", parse_int=str)
        except ValueError:
            return UNHANDLED if answer.body.startswith(b"Task timed out after") else ""
        except RecursionError:
            return ""
        failed = isinstance(said, dict) and {"errorMessage", "errorType"} <= said.keys()
        return UNHANDLED if failed else ""


def _log_of(answer: HttpAnswer) -> bytes:
    try:
        return b64decode(answer.headers.get("x-amz-log-result", ""))
    except ValueError:
        return b""
