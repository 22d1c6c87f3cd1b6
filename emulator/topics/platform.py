"""Mobile push: the platform applications of an account and the endpoints of their devices.

What is sent to a device ends in the outbox.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.errors import (
    EndpointDisabledException,
    InvalidParameterException,
    PlatformApplicationDisabledException,
)
from pocketbus.emulator.limits import TOPIC_MESSAGE_BYTES
from pocketbus.emulator.message import Text, plain_attributes
from pocketbus.emulator.topics.publication import Publication, timestamp

_WHY = "Push notifications are not sent."


class EndpointSettings(Struct, frozen=True):
    """What can be set of a device's endpoint; `user_data` is None where there is none."""

    token: str
    enabled: bool = True
    user_data: str | None = None


class PlatformEndpoint:
    """One device's endpoint; `settings` are replaced as a whole."""

    def __init__(
        self, arn: str, application: "PlatformApplication", settings: EndpointSettings, core: Core
    ) -> None:
        self.arn = arn
        self.application = application
        self.settings = settings
        self._core = core

    @property
    def platform(self) -> str:
        return self.application.platform

    def publish(self, publication: Publication, now: float) -> str:
        """Take a message that goes to this device alone, in the text for its platform; return its id."""
        if publication.size > TOPIC_MESSAGE_BYTES:
            raise InvalidParameterException("Invalid parameter: Message too long")
        message_id = self._core.ids.uuid()
        content = Text(publication.message_for(self.platform), publication.attributes)
        self.accept(Delivery("", self.arn, content, message_id), now)
        return message_id

    def check_enabled(self) -> None:
        """Raise an error of AWS's unless both the endpoint and its application are enabled."""
        if not self.application.enabled:
            raise PlatformApplicationDisabledException
        if not self.settings.enabled:
            raise EndpointDisabledException

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take what goes to the device."""
        self.check_enabled()
        content = delivery.content
        details = {
            "message_id": delivery.subject,
            "platform": self.platform,
            "token": self.settings.token,
            "attributes": plain_attributes(content.attributes),
        }
        self._core.trace.record(now, "captured", self.arn, delivery.subject, _WHY)
        self._core.outbox.capture(
            Captured(now, "push", delivery.source, self.arn, content.body, details, _WHY)
        )
        return ()

    def close(self) -> None:
        """Nobody waits at an endpoint."""


class PlatformApplication:
    """One app on one push service; `attributes` are kept under AWS's names."""

    def __init__(self, arn: str, attributes: Mapping[str, str], core: Core) -> None:
        self.arn = arn
        self.attributes = dict(attributes)
        self.endpoints: Catalogue[PlatformEndpoint] = Catalogue()
        self._by_token: dict[str, PlatformEndpoint] = {}
        self._core = core

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {name: part for name, part in vars(self).items() if name not in {"endpoints", "_by_token"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.endpoints = Catalogue()
        self._by_token = {}

    def rows(self) -> Iterator[list[Any]]:
        """Yield the endpoints, for a state to be kept."""
        return ([endpoint] for endpoint in self.endpoints.values())

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        (endpoint,) = row
        if not isinstance(endpoint, PlatformEndpoint):
            raise TypeError("an application consists of endpoints")
        self.endpoints[endpoint.arn] = self._by_token[endpoint.settings.token] = endpoint

    @property
    def platform(self) -> str:
        return self.arn.split("/")[1]

    @property
    def enabled(self) -> bool:
        return self.attributes.get("Enabled", "true").lower() == "true"

    def create_endpoint(self, settings: EndpointSettings) -> tuple[PlatformEndpoint, bool]:
        """Return the endpoint of a token and whether it is new; refuse one whose other settings differ."""
        endpoint = self._by_token.get(settings.token)
        if endpoint is not None:
            if endpoint.settings != settings:
                raise _token_taken(endpoint)
            return endpoint, False
        start, _, name = self.arn.rpartition(":")
        arn = f"{start}:endpoint/{name.partition('/')[2]}/{self._core.ids.uuid()}"
        endpoint = PlatformEndpoint(arn, self, settings, self._core)
        self.endpoints[arn] = self._by_token[settings.token] = endpoint
        self._core.resources[arn] = endpoint
        return endpoint, True

    def configure_endpoint(self, endpoint: PlatformEndpoint, settings: EndpointSettings) -> None:
        holder = self._by_token.get(settings.token, endpoint)
        if holder is not endpoint:
            raise _token_taken(holder)
        del self._by_token[endpoint.settings.token]
        self._by_token[settings.token] = endpoint
        endpoint.settings = settings

    def delete_endpoint(self, endpoint: PlatformEndpoint) -> None:
        del self.endpoints[endpoint.arn]
        del self._by_token[endpoint.settings.token]
        del self._core.resources[endpoint.arn]

    def delete_endpoints(self) -> None:
        for endpoint in list(self.endpoints.values()):
            self.delete_endpoint(endpoint)

    def announce(self, change: str, endpoint: PlatformEndpoint, now: float) -> Iterator[Delivery]:
        """Make the delivery that tells a change of an endpoint to the topic that was named for it, if one was."""
        event = f"Endpoint{change}"
        topic_arn = self.attributes.get(f"Event{event}")
        if topic_arn:
            notice = {
                "EventType": event,
                "EndpointArn": endpoint.arn,
                "Resource": self.arn,
                "Service": "SNS",
                "Time": timestamp(now),
            }
            yield Delivery(self.arn, topic_arn, Text(json.dumps(notice)), self._core.ids.uuid())


def _token_taken(endpoint: PlatformEndpoint) -> InvalidParameterException:
    return InvalidParameterException(
        f"Invalid parameter: Token Reason: Endpoint {endpoint.arn} already exists with the same Token, "
        "but different attributes."
    )
