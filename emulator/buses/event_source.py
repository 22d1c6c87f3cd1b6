"""Partner event sources: offered by a partner's account to a customer's, which makes a bus of the same name of it."""

from pocketbus.emulator.errors import InvalidStateException

PENDING, ACTIVE, DELETED = "PENDING", "ACTIVE", "DELETED"
PENDING_SECONDS = 14 * 86_400
"""How long a source waits for its bus: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html"""


class EventSource:
    """One source, seen by its partner and by the one account it is offered to.

    `expires_at` is when it goes away unless a bus takes it up; None while it is taken up or deleted.
    """

    def __init__(self, arn: str, name: str, account: str, now: float) -> None:
        self.arn = arn
        self.name = name
        self.account = account
        self.created_at = now
        self.state = PENDING
        self.expires_at: float | None = now + PENDING_SECONDS

    @property
    def partner(self) -> str:
        """The partner's name: the first two parts of the source's."""
        return "/".join(self.name.split("/")[:2])

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def activate(self) -> None:
        """Let events through to the bus."""
        self._leave(PENDING)
        self.state = ACTIVE
        self.expires_at = None

    def deactivate(self, now: float) -> None:
        """Hold events back; the source expires unless it is activated again."""
        self._leave(ACTIVE)
        self.state = PENDING
        self.expires_at = now + PENDING_SECONDS

    def delete(self) -> None:
        """End the source on its partner's behalf; its bus stays without events."""
        self.state = DELETED
        self.expires_at = None

    def _leave(self, state: str) -> None:
        if self.state != state:
            raise InvalidStateException(f"Event source {self.name} is not in {state} state.")


class EventSources:
    """The sources of one account by name and by the account at their other end."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], EventSource] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def add(self, source: EventSource) -> None:
        self._sources[source.name, source.account] = source

    def remove(self, source: EventSource) -> None:
        self._sources.pop((source.name, source.account), None)

    def living(self, now: float) -> list[EventSource]:
        """Return the sources that have not expired, after forgetting those that have."""
        self._sources = {key: source for key, source in self._sources.items() if not source.expired(now)}
        return list(self._sources.values())

    def named(self, name: str, now: float) -> list[EventSource]:
        return [source for source in self.living(now) if source.name == name]
