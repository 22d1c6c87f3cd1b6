"""Connections: how to authorize with an HTTP endpoint, secrets included, and what to add to each request."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

BASIC, API_KEY, OAUTH = "BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"
AUTHORIZED, DEAUTHORIZED, DEAUTHORIZING, DELETING = "AUTHORIZED", "DEAUTHORIZED", "DEAUTHORIZING", "DELETING"


@dataclass(frozen=True, slots=True)
class HttpParameter:
    """A header, a query string parameter or a member of the body."""

    name: str
    value: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class HttpParameters:
    """What is added to a request, in the order in which it was given."""

    headers: tuple[HttpParameter, ...] = ()
    query_string: tuple[HttpParameter, ...] = ()
    body: tuple[HttpParameter, ...] = ()


@dataclass(frozen=True, slots=True)
class BasicAuthorization:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class ApiKeyAuthorization:
    """A header of this name and value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class OAuthAuthorization:
    """The client credentials, and the request that exchanges them for a token."""

    client_id: str
    client_secret: str
    endpoint: str
    http_method: str
    http_parameters: HttpParameters = field(default_factory=HttpParameters)


Authorization: TypeAlias = BasicAuthorization | ApiKeyAuthorization | OAuthAuthorization

AUTHORIZATION_TYPES: dict[type[Authorization], str] = {
    BasicAuthorization: BASIC,
    ApiKeyAuthorization: API_KEY,
    OAuthAuthorization: OAUTH,
}


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What a connection's owner sets.

    `authorization` is None once it was deauthorized. The key and the resource configurations, ARNs of what makes a
    private endpoint reachable, are stored and have no effect here.
    """

    authorization_type: str
    authorization: Authorization | None
    http_parameters: HttpParameters = field(default_factory=HttpParameters)
    description: str | None = None
    kms_key_identifier: str | None = None
    invocation_resource_configuration: str | None = None
    authorization_resource_configuration: str | None = None


class Connection:
    """One connection; `settings` are replaced as a whole."""

    def __init__(self, arn: str, secret_arn: str, settings: ConnectionSettings, now: float) -> None:
        self.arn = arn
        self.name = arn.rsplit("/", 2)[1]
        self.secret_arn = secret_arn
        self.created_at = now
        self.last_authorized_at: float | None = None
        self.reason: str | None = None
        self.configure(settings, now)

    def configure(self, settings: ConnectionSettings, now: float) -> None:
        """Replace the settings; with an authorization the connection counts as authorized at once."""
        self.settings = settings
        self.modified_at = now
        self.state = DEAUTHORIZED if settings.authorization is None else AUTHORIZED
        if settings.authorization is not None:
            self.last_authorized_at = now

    def deauthorize(self, now: float) -> None:
        """Forget the authorization parameters."""
        self.configure(replace(self.settings, authorization=None), now)
