"""Webhooks: SNS's messages as HTTP requests.

https://docs.aws.amazon.com/sns/latest/dg/http-header.html
"""

from collections.abc import Mapping

from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.http_answer import verdict
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.limits import WEBHOOK_ANSWER_SECONDS

_HEADERS = {
    "User-Agent": "Amazon Simple Notification Service Agent",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "Keep-Alive",
}


class WebhookDelivery(Delivery, kw_only=True, eq=False):
    """A request to make; `headers` are those that tell what the body is."""

    headers: Mapping[str, str]
    protocol: str = "https"


class Webhooks(Gateway):
    """All the URLs that SNS delivers to."""

    serves = ("http", "https")

    def __init__(self, courier: Courier, http: HttpClient) -> None:
        self._courier = courier
        self._http = http

    def accept(self, delivery: Delivery, now: float) -> None:
        """Give the delivery to the courier."""
        self._courier.send(delivery, self._post, now)

    async def _post(self, delivery: Delivery) -> str:
        headers = delivery.headers if isinstance(delivery, WebhookDelivery) else {}
        body = delivery.content.body.encode("utf-8", "surrogatepass")
        answer = await self._http.request(
            "POST", delivery.target, {**_HEADERS, **headers}, body, answer_seconds=WEBHOOK_ANSWER_SECONDS
        )
        return verdict(answer)
