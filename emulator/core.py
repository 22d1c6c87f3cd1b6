"""What all resources of one engine share, and the directory in which they find one another by ARN."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from pocketbus.emulator.buses.api_invocation import ApiDestinations
from pocketbus.emulator.buses.endpoint import Endpoint
from pocketbus.emulator.buses.health import HealthChecks
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.function import Functions
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.deliveries.log_group import LogGroups
from pocketbus.emulator.deliveries.mail import Mail
from pocketbus.emulator.deliveries.outbox import Outbox
from pocketbus.emulator.deliveries.webhook import Webhooks
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.inspection.recent import Recent
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.releases import Releases
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.timers import Timers
from pocketbus.emulator.trouble.faults import Faults

if TYPE_CHECKING:
    from pocketbus.emulator.scope import Scope


class Receiver(Protocol):
    """What is able to take deliveries."""

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery] | None:
        """Take a delivery and return what it causes in turn; raise an EngineError to refuse it.

        None says that it is under way: the courier tells the delivery its end.
        """
        ...


class Resource(Receiver, Protocol):
    """A queue, a topic or a bus: named by an ARN and able to take what is delivered to it."""

    @property
    def arn(self) -> str: ...

    def close(self) -> None:
        """Let go of whoever waits here; called when the resource is deleted."""
        ...


class Core(ABC):
    """The clock, the ids, the timers, the trace, the outbox, the courier and the resources by ARN."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock()
        self.ids = Ids(config.seed)
        self.timers = Timers(self.clock)
        self.trace = Trace(config.trace_limit)
        self.faults = Faults(self.clock, self.ids, self.trace)
        self.recent = Recent()
        self.outbox = Outbox(config.outbox_limit)
        self.courier = Courier(self, config.delivery_limit)
        self.http = HttpClient(anywhere=config.outgoing == "anywhere")
        self.webhooks = Webhooks(self)
        self.functions = Functions(self, config.lambda_urls)
        self.mail = Mail(self, config.smtp, config.email_sender)
        self.api_destinations = ApiDestinations(self)
        self.resources: dict[str, Resource] = {}
        self.releases = Releases()
        self.log_groups = LogGroups(self)
        self.health_checks = HealthChecks()
        self.event_quotas = config.event_quotas
        self.endpoints: dict[str, Endpoint] = {}
        """The global endpoints of EventBridge by the id that PutEvents names."""

    @abstractmethod
    def scope_of(self, arn: str) -> "Scope":
        """Return the scope of an ARN's account and region."""
