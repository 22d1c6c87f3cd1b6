"""Lambda functions as targets: invoked over the Invoke API, or as Python callables; with neither, the outbox.

What Lambda itself would do after a function failed is not emulated: the invocation was made, and the trace says how.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.http_answer import verdict
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.deliveries.outbox import Captured

INVOCATION_SECONDS = 900
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

EVERY_FUNCTION = ""
"""The name under which the URL for all functions without one of their own is given."""

_HEADERS = {"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"}
_WHY = "No Lambda is configured for this function."
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Context:
    """What a Python callable learns of its invocation, under the names of Lambda's own context."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str


Handler = Callable[[Any, Context], object]


class Functions(Gateway):
    """All Lambda functions: `urls` by name are where they run, `handlers` by name are run in this process."""

    serves = ("lambda",)

    def __init__(self, core: Core, courier: Courier, http: HttpClient, urls: Mapping[str, str]) -> None:
        self._core = core
        self._courier = courier
        self._http = http
        self._urls = urls
        self.handlers: dict[str, Handler] = {}

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...] | None:
        """Give the delivery to the courier, or to the outbox if there is nothing to invoke."""
        name = name_of(delivery.target)
        if name in self.handlers:
            self._courier.send(delivery, self._call, now)
        elif self._url(name) is not None:
            self._courier.send(delivery, self._invoke, now)
        else:
            self._capture(delivery, now)
            return ()
        return None

    def _url(self, name: str) -> str | None:
        """Return the URL to invoke at: a URL with a path is one already, as that of the runtime interface emulator."""
        url = self._urls.get(name) or self._urls.get(EVERY_FUNCTION)
        if url is None or urlsplit(url).path.strip("/"):
            return url
        return f"{url.rstrip('/')}/2015-03-31/functions/{quote(name, safe='')}/invocations"

    async def _invoke(self, delivery: Delivery) -> str:
        payload = delivery.content.body.encode("utf-8", "surrogatepass")
        url = self._url(name_of(delivery.target)) or ""
        answer = await self._http.request("POST", url, _HEADERS, payload, answer_seconds=INVOCATION_SECONDS)
        outcome = verdict(answer)
        if "x-amz-function-error" in answer.headers:
            return f"the function failed: {answer.body.decode(errors='replace')[:_SHOWN]}"
        return outcome

    async def _call(self, delivery: Delivery) -> str:
        name = name_of(delivery.target)
        event = json.loads(delivery.content.body)
        context = Context(name, delivery.target, self._core.ids.uuid())
        # In a thread: a handler may use a client of this very emulator, which needs the event loop to answer.
        return await asyncio.to_thread(_outcome, self.handlers[name], event, context)

    def _capture(self, delivery: Delivery, now: float) -> None:
        body = delivery.content.body
        self._core.trace.record(now, "captured", delivery.target, delivery.subject, _WHY)
        self._core.outbox.capture(Captured(now, "lambda", delivery.source, delivery.target, body, {}, _WHY))


def name_of(arn: str) -> str:
    """Return the name of a function, without its version or alias.

    >>> name_of("arn:aws:lambda:us-east-1:000000000000:function:orders:live")
    'orders'
    """
    return arn.split(":")[6]


def _outcome(handler: Handler, event: Any, context: Context) -> str:
    try:
        handler(event, context)
    except Exception as error:  # noqa: BLE001 - whatever a user's function raises is its outcome
        return f"the function failed: {type(error).__name__}: {error}"[:_SHOWN]
    return "the function returned"
