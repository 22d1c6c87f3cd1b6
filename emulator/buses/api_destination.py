"""API destinations: an HTTP endpoint, the connection that authorizes with it, and how often it may be called."""

from msgspec import Struct

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
INVOCATIONS_PER_SECOND = 300


class ApiDestinationSettings(Struct, frozen=True):
    """What an API destination's owner sets; a `*` in the endpoint's path is a place for a target's value."""

    connection_arn: str
    endpoint: str
    http_method: str
    invocations_per_second: int = INVOCATIONS_PER_SECOND
    description: str | None = None


class ApiDestination:
    """One API destination; `settings` are replaced as a whole."""

    def __init__(self, arn: str, settings: ApiDestinationSettings, now: float) -> None:
        self.arn = arn
        self.name = arn.rsplit("/", 2)[1]
        self.created_at = now
        self.configure(settings, now)

    def configure(self, settings: ApiDestinationSettings, now: float) -> None:
        self.settings = settings
        self.modified_at = now
