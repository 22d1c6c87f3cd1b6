"""An event source: what brings events of AWS services, partners or a webhook's provider to a custom event bus."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from pocketbus.emulator.custombuses.webhook_auth import Auth, Headers

AWS_SERVICE, PARTNER, WEBHOOK = "aws.service", "aws.partner", "webhook"

OVERLAP_SECONDS: Final = 15 * 60
"""How long the credential counts that was replaced last."""
_ROTATIONS: Final = 100
_DAY_SECONDS: Final = 86_400


class SourceSettings(Struct, frozen=True):
    """`configuration` is as it was given, without secrets; the rest is read from it. Keys and logs have no effect."""

    configuration: Mapping[str, Any]
    description: str | None = None
    auth: Auth | None = None
    metadata_headers: tuple[str, ...] = ()
    content_based: bool = False


class Credential(Struct):
    """A secret, the one before it, and until when that counts; `rotated_at` are the latest rotations."""

    arn: str
    secret: str
    previous: str | None = None
    previous_until: float = 0.0
    rotated_at: tuple[float, ...] = field(default=())

    def valid(self, now: float) -> Sequence[str]:
        """Return the secrets that count."""
        if self.previous is None or now >= self.previous_until:
            return (self.secret,)
        return (self.secret, self.previous)

    def rotate(self, secret: str, now: float) -> bool:
        """Replace the secret; False: that was done too often within a day."""
        lately = tuple(at for at in self.rotated_at if at > now - _DAY_SECONDS)
        if len(lately) >= _ROTATIONS:
            return False
        self.previous, self.previous_until = self.secret, now + OVERLAP_SECONDS
        self.secret = secret
        self.rotated_at = (*lately, now)
        return True


class Source:
    """One event source; `settings` are replaced as a whole. `url` and `credential` are there of a webhook,
    `rule` is the name of the bus and of the rule that bring the events of the others.
    """

    def __init__(
        self, arn: str, bus_arn: str, settings: SourceSettings, tags: Mapping[str, str], now: float
    ) -> None:
        self.arn = arn
        self.bus_arn = bus_arn
        self.settings = settings
        self.tags = dict(tags)
        self.created_at = self.modified_at = now
        self.revoked = False
        self.url: str | None = None
        self.credential: Credential | None = None
        self.rule: tuple[str, str] | None = None

    @property
    def kind(self) -> str:
        return self.arn.split("/")[1]

    @property
    def name(self) -> str:
        return self.arn.split("/")[2]

    @property
    def owner(self) -> str:
        return self.arn.split(":")[4]

    def revoke(self, now: float) -> None:
        """Bring nothing any more, for good."""
        self.revoked = True
        self.modified_at = now

    def admits(self, headers: Headers, body: bytes, now: float) -> bool:
        """Tell whether a request comes from the webhook's provider."""
        auth, credential = self.settings.auth, self.credential
        if auth is None or credential is None:
            return False
        return auth.admits(headers, body, credential.valid(now), now)

    def metadata(self, headers: Headers) -> dict[str, str]:
        """Return what of a request's headers goes with its event."""
        return {name: headers[name] for name in self.settings.metadata_headers if headers.get(name)}
