"""API destinations as targets: their requests authorized and made, and the tokens of OAuth.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.buses.api_destination import ApiDestination
from pocketbus.emulator.buses.api_request import (
    Request,
    is_reserved,
    merged_headers,
    request_of,
    token_request,
)
from pocketbus.emulator.buses.connection import (
    ApiKeyAuthorization,
    Authorization,
    BasicAuthorization,
    Connection,
    OAuthAuthorization,
)
from pocketbus.emulator.buses.events_scope import EventsScope
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing, TargetRefused
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.http_answer import HttpAnswer, verdict
from pocketbus.emulator.deliveries.http_client import ANSWER_BYTES, HttpClient
from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.door import Door
from pocketbus.emulator.errors import AccessDeniedException
from pocketbus.emulator.time.clock import Clock

ANSWER_SECONDS = 5
_UNAUTHORIZED = frozenset({401, 407})
_CONFLICT = 409


_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What comes of reading an answer that is not what it should be."""


class _Token(Struct, frozen=True):
    """A token of a connection; it counts for the authorization it was fetched with."""

    authorization: OAuthAuthorization
    header: str
    expires_at: float


class ApiDestinations(Gateway):
    """All API destinations: their paces by ARN, and the tokens of their connections."""

    serves = ("events:api-destination",)

    def __init__(
        self,
        clock: Clock,
        door: Door,
        courier: Courier,
        http: HttpClient,
        events_of: Callable[[str], EventsScope | None],
    ) -> None:
        self._clock = clock
        self._door = door
        self._courier = courier
        self._http = http
        self._events_of = events_of
        self._paces: dict[str, Pace] = {}
        self._tokens: dict[str, _Token] = {}

    def clear(self) -> None:
        """Forget paces and tokens."""
        self._paces.clear()
        self._tokens.clear()

    rest = clear

    def accept(self, delivery: Delivery, now: float) -> None:
        """Give the delivery to the courier, at the destination's pace."""
        pace = self.pace(delivery.target)
        self._courier.send(replace(delivery, pace=pace), self.invoke, now)

    def pace(self, arn: str) -> Pace:
        """Return what keeps the invocations of an API destination apart. Raise TargetMissing."""
        destination = self._find(arn)
        rate = destination.settings.invocations_per_second
        pace = self._paces.get(arn)
        if pace is None or pace.rate != rate:
            pace = self._paces[arn] = Pace(rate, burst=rate)
        return pace

    def _find(self, arn: str) -> ApiDestination:
        events = self._events_of(arn)
        for destination in events.api_destinations.values() if events else ():
            if destination.arn == arn:
                return destination
        raise TargetMissing

    def _connection(self, destination: ApiDestination) -> Connection:
        arn = destination.settings.connection_arn
        events = self._events_of(arn)
        for connection in events.connections.values() if events else ():
            if connection.arn == arn:
                return connection
        raise TargetMissing("The connection of the API destination does not exist.")

    async def invoke(self, delivery: Delivery) -> str:
        """Make the request of a delivery, and say how it went."""
        return verdict(await self.answer_to(delivery), transient=_CONFLICT)

    async def answer_to(self, delivery: Delivery, most: int = ANSWER_BYTES) -> HttpAnswer:
        """Make the request of a delivery once, whatever the answer. Raise EngineError if there is none."""
        once = self._door.once
        request, connection = once(partial(self._request, delivery))
        authorization = once(lambda: connection.settings.authorization)
        answer = await self._ask(request, await self._authorized(connection.arn, authorization), most)
        if answer.status in _UNAUTHORIZED and once(partial(self._forget_token, connection.arn)):
            authorization = once(lambda: connection.settings.authorization)
            answer = await self._ask(request, await self._authorized(connection.arn, authorization), most)
        return answer

    def _request(self, delivery: Delivery) -> tuple[Request, Connection]:
        destination = self._find(delivery.target)
        connection = self._connection(destination)
        return request_of(destination, connection, delivery), connection

    def _forget_token(self, connection_arn: str) -> bool:
        return self._tokens.pop(connection_arn, None) is not None

    async def _ask(
        self, request: Request, authorization: Mapping[str, str], most: int = ANSWER_BYTES
    ) -> HttpAnswer:
        headers = merged_headers(request.headers, authorization)
        body = request.body.encode("utf-8", "surrogatepass")
        return await self._http.request(
            request.method, request.url, headers, body, answer_seconds=ANSWER_SECONDS, most=most
        )

    async def _authorized(
        self, connection_arn: str, authorization: Authorization | None
    ) -> Mapping[str, str]:
        """Return the header that authorizes a request. Raise AccessDeniedException if the connection has none."""
        match authorization:
            case BasicAuthorization(username, password):
                credentials = b64encode(f"{username}:{password}".encode()).decode("ascii")
                return {"Authorization": f"Basic {credentials}"}
            case ApiKeyAuthorization(name, value):
                return {} if is_reserved(name) else {name: value}
            case OAuthAuthorization():
                return {"Authorization": await self._token(connection_arn, authorization)}
            case _:
                raise AccessDeniedException(f"The connection {connection_arn} is not authorized.")

    async def _token(self, connection_arn: str, authorization: OAuthAuthorization) -> str:
        header = self._door.once(partial(self._held_token, connection_arn, authorization))
        if header is None:
            granted = await self._fetch(authorization)
            header = self._door.once(partial(self._hold_token, connection_arn, authorization, granted))
        return header

    def _held_token(self, connection_arn: str, authorization: OAuthAuthorization) -> str | None:
        held = self._tokens.get(connection_arn)
        if held is None or held.authorization != authorization or held.expires_at <= self._clock.now():
            return None
        return held.header

    def _hold_token(
        self, connection_arn: str, authorization: OAuthAuthorization, granted: tuple[str, float]
    ) -> str:
        header, lifetime = granted
        self._tokens[connection_arn] = _Token(authorization, header, self._clock.now() + lifetime)
        return header

    async def _fetch(self, authorization: OAuthAuthorization) -> tuple[str, float]:
        """Return the header of a new token, and how many seconds it is good for."""
        answer = await self._ask(token_request(authorization), {})
        verdict(answer)
        try:
            document = json.loads(answer.body)
            kind, token = document.get("token_type") or "Bearer", document["access_token"]
            kind = "Bearer" if kind.lower() == "bearer" else kind
            lifetime = float(document.get("expires_in") or 3600)
        except _MALFORMED as error:
            raise TargetRefused("The authorization endpoint answered without an access token.") from error
        return f"{kind} {token}", lifetime
