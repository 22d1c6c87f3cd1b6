"""Webhooks: SNS's messages as HTTP requests, and which answers to them are final.

https://docs.aws.amazon.com/sns/latest/dg/http-header.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pocketbus.emulator.deliveries.courier import TargetFailed, TargetRefused, TargetThrottled
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.http_client import HttpAnswer
from pocketbus.emulator.limits import WEBHOOK_ANSWER_SECONDS

if TYPE_CHECKING:
    from pocketbus.emulator.core import Core

_TOO_MANY_REQUESTS = 429

_HEADERS = {
    "User-Agent": "Amazon Simple Notification Service Agent",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "Keep-Alive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery(Delivery):
    """A request to make; `headers` are those that tell what the body is."""

    headers: Mapping[str, str]

    def receiver(self, core: "Core") -> "Webhooks":
        return core.webhooks


class Webhooks:
    """All the URLs that SNS delivers to."""

    def __init__(self, core: "Core") -> None:
        self._core = core

    def accept(self, delivery: Delivery, now: float) -> None:
        """Give the delivery to the courier."""
        self._core.courier.send(delivery, self._post, now)

    async def _post(self, delivery: Delivery) -> str:
        headers = delivery.headers if isinstance(delivery, WebhookDelivery) else {}
        body = delivery.content.body.encode("utf-8", "surrogatepass")
        answer = await self._core.http.request(
            "POST", delivery.target, {**_HEADERS, **headers}, body, answer_seconds=WEBHOOK_ANSWER_SECONDS
        )
        return verdict(answer)


def verdict(answer: HttpAnswer, *, transient: int | None = None) -> str:
    """Return what a successful answer says; raise TransientFailure or TargetRefused for the others.

    `transient` is one more status that stands for what may pass.
    """
    status = answer.status
    text = f"HTTP {status}"
    if 200 <= status < 300:
        return text
    if status == _TOO_MANY_REQUESTS:
        raise TargetThrottled(text)
    if status >= 500 or status == transient:
        raise TargetFailed(text)
    if status < 400:
        raise TargetRefused(f"{text}: redirects are not followed")
    raise TargetRefused(text)
