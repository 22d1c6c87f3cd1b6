"""A global endpoint: the same bus in two regions, one of which takes the events for as long as it is healthy."""

from msgspec import Struct

from pocketbus.emulator.buses.health import HealthChecks
from pocketbus.emulator.limits import PASSING_SECONDS

ACTIVE, CREATING, UPDATING, DELETING = "ACTIVE", "CREATING", "UPDATING", "DELETING"


class EndpointSettings(Struct, frozen=True):
    """What an endpoint's owner sets; the primary bus is the first of the two. The role has no effect here."""

    health_check: str
    secondary_region: str
    primary_bus: str
    secondary_bus: str
    replicates: bool = True
    description: str | None = None
    role_arn: str | None = None


class Endpoint:
    """One global endpoint; `settings` are replaced as a whole."""

    def __init__(self, arn: str, endpoint_id: str, settings: EndpointSettings, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.endpoint_id = endpoint_id
        self.url = f"https://{endpoint_id}.endpoint.events.amazonaws.com"
        self.created_at = now
        self._change(CREATING, now)
        self.settings = settings

    def configure(self, settings: EndpointSettings, now: float) -> None:
        self._change(UPDATING, now)
        self.settings = settings

    def delete(self, now: float) -> None:
        """Be shown for a moment longer; who calls it keeps events away."""
        self._change(DELETING, now)

    @property
    def deleted(self) -> bool:
        return self._passing == DELETING

    def _change(self, passing: str, now: float) -> None:
        self._passing = passing
        self.modified_at = now

    def state_at(self, now: float) -> str | None:
        """Return the state; None: the endpoint is gone."""
        if now < self.modified_at + PASSING_SECONDS:
            return self._passing
        return None if self.deleted else ACTIVE

    def buses(self, checks: HealthChecks) -> tuple[str, ...]:
        """Return the ARN of the bus that takes events now and, if they are replicated, that of the other."""
        settings = self.settings
        healthy = checks.healthy(settings.health_check)
        in_order = (settings.primary_bus, settings.secondary_bus)
        active, other = in_order if healthy else in_order[::-1]
        return (active, other) if settings.replicates else (active,)

    def region(self, checks: HealthChecks) -> str:
        """Return the region that takes events now."""
        return self.buses(checks)[0].split(":")[3]
