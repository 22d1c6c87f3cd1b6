"""Connections: how to authorize with an HTTP endpoint, secrets included, and what to add to each request."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.limits import PASSING_SECONDS

BASIC, API_KEY, OAUTH = "BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"
AUTHORIZED, DEAUTHORIZED = "AUTHORIZED", "DEAUTHORIZED"
CREATING, UPDATING, DELETING = "CREATING", "UPDATING", "DELETING"
AUTHORIZING, DEAUTHORIZING = "AUTHORIZING", "DEAUTHORIZING"


class HttpParameter(Struct, frozen=True):
    """A header, a query string parameter or a member of the body."""

    name: str
    value: str
    is_secret: bool = False


class HttpParameters(Struct, frozen=True):
    """What is added to a request, in the order in which it was given."""

    headers: tuple[HttpParameter, ...] = ()
    query_string: tuple[HttpParameter, ...] = ()
    body: tuple[HttpParameter, ...] = ()


class BasicAuthorization(Struct, frozen=True):
    username: str
    password: str


class ApiKeyAuthorization(Struct, frozen=True):
    """A header of this name and value."""

    name: str
    value: str


class OAuthAuthorization(Struct, frozen=True):
    """The client credentials, and the request that exchanges them for a token."""

    client_id: str
    client_secret: str
    endpoint: str
    http_method: str
    http_parameters: HttpParameters | None = None


Authorization: TypeAlias = BasicAuthorization | ApiKeyAuthorization | OAuthAuthorization

AUTHORIZATION_TYPES: dict[type[Authorization], str] = {
    BasicAuthorization: BASIC,
    ApiKeyAuthorization: API_KEY,
    OAuthAuthorization: OAUTH,
}


class ConnectionSettings(Struct, frozen=True):
    """What a connection's owner sets.

    `authorization` is None once it was deauthorized, `http_parameters` where none were given, not even an empty set.
    The key and the resource configurations, ARNs of what makes a private endpoint reachable, are stored without effect.
    """

    authorization_type: str
    authorization: Authorization | None
    http_parameters: HttpParameters | None = None
    description: str | None = None
    kms_key_identifier: str | None = None
    invocation_resource_configuration: str | None = None
    authorization_resource_configuration: str | None = None


class Connection:
    """One connection; `settings` are replaced as a whole.

    A change is under way for a moment: a private endpoint is made reachable, OAuth's endpoint is asked.
    """

    def __init__(self, arn: str, secret_arn: str, settings: ConnectionSettings, now: float) -> None:
        self.arn = arn
        self.name = arn.rsplit("/", 2)[1]
        self.secret_arn = secret_arn
        self.created_at = now
        self.reason: str | None = None
        self._passing = AUTHORIZED
        self._settled_at = now
        self._authorized_at: float | None = None
        self._authorized_before: float | None = None
        self._set(settings, CREATING, now)

    def configure(self, settings: ConnectionSettings, now: float) -> None:
        """Replace the settings; an authorization that was given anew, be it the same, is tried again."""
        self._set(settings, UPDATING, now, before=self.settings.authorization)

    def deauthorize(self, now: float) -> None:
        """Forget the authorization parameters."""
        self.configure(replace(self.settings, authorization=None), now)

    def state_at(self, now: float) -> str:
        if now < self._settled_at:
            return self._passing
        return DEAUTHORIZED if self.settings.authorization is None else AUTHORIZED

    def last_authorized_at(self, now: float) -> float | None:
        """Return when the connection became authorized last, if it ever did."""
        pending = self._authorized_at is not None and now < self._authorized_at
        return self._authorized_before if pending else self._authorized_at

    def _set(
        self, settings: ConnectionSettings, change: str, now: float, before: Authorization | None = None
    ) -> None:
        self.settings = settings
        self.modified_at = now
        anew = settings.authorization is not before
        passing = self._passes_through(change, anew=anew)
        if passing is not None:
            self._passing, self._settled_at = passing, now + PASSING_SECONDS
        elif anew:
            self._settled_at = now
        if anew:
            self._authorized_before = self.last_authorized_at(now)
            self._authorized_at = self._settled_at if settings.authorization else self._authorized_before

    def _passes_through(self, change: str, *, anew: bool) -> str | None:
        """Return the state that is passed through on the way to the new settings; None: there is none."""
        if self.settings.authorization is None:
            return DEAUTHORIZING if anew else None
        if self.settings.invocation_resource_configuration is not None:
            return change
        return AUTHORIZING if anew and isinstance(self.settings.authorization, OAuthAuthorization) else None
