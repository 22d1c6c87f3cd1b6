"""What all resources of one engine share, and the directory in which a delivery finds who takes it."""

from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import Any, Protocol, TypeVar

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.component import Component
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.delivery import Delivery, Receiver
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.deliveries.outbox import Outbox
from pocketbus.emulator.deliveries.owners import account_of
from pocketbus.emulator.door import Door
from pocketbus.emulator.functions.functions import Functions
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.inspection.recent import Recent
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.logs.room import LogRoom
from pocketbus.emulator.releases import Releases, remains_of
from pocketbus.emulator.shards.shards import ANOTHER_SHARD, Shards
from pocketbus.emulator.tally import Tally
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.tasks import Tasks
from pocketbus.emulator.time.timers import Timers
from pocketbus.emulator.trouble.faults import Faults

AnyComponent = TypeVar("AnyComponent", bound=Component)


class Resource(Receiver, Protocol):
    """A queue, a topic or a bus: named by an ARN and able to take what is delivered to it."""

    @property
    def arn(self) -> str: ...

    def close(self) -> None:
        """Let go of whoever waits here; called when the resource is deleted."""
        ...


class Core:
    """The clock, the ids, the timers, the trace, the faults, the outbox, functions; resources by ARN, and gateways.

    It knows none of those who use it. Components are added where an engine is put together.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock()
        self.ids = Ids(config.seed)
        self.door = Door(self.clock)
        self.timers = Timers(self.clock, self.door)
        self.tasks = Tasks(self.door)
        self.shards: Shards | None = None
        """Which accounts are one's own, where others are not."""
        self.trace = Trace(config.trace_limit)
        self.faults = Faults(self.clock, self.ids, self.trace, self.door)
        self.recent = Recent()
        self.deliveries = Tally()
        """What became of deliveries, by topic, or by account and region for those of rules."""
        self.attempts = Tally()
        """How attempts over a network ended, by the kind of their target."""
        self.resources: dict[str, Resource] = {}
        self.subscriptions: defaultdict[tuple[str, str], Catalogue[Any]] = defaultdict(Catalogue)
        """The subscriptions that each account has made in each region, by ARN."""
        self.releases = Releases()
        self.components: list[Component] = []
        self._gateways: dict[str, Gateway] = {}
        self.watchers: dict[str, dict[Callable[[], None], None]] = {}
        """Who is told when there is a resource of an ARN."""
        self.outbox = self.add(Outbox(config.outbox_limit))
        self.log_room = self.add(LogRoom())
        self.http = self.add(HttpClient(self.door, anywhere=config.outgoing == "anywhere"))
        self.functions = self.add(
            Functions(self.door, self.timers, self.tasks, self.ids, self.http, config.lambda_urls)
        )

    def add(self, component: AnyComponent) -> AnyComponent:
        """Let a component share the life of the engine; a gateway takes the deliveries that ask for what it serves."""
        self.components.append(component)
        if isinstance(component, Gateway):
            self._gateways.update(dict.fromkeys(component.serves, component))
        return component

    def component(self, kind: type[AnyComponent]) -> AnyComponent:
        """Return the component of a class."""
        return next(component for component in self.components if isinstance(component, kind))

    @property
    def kept_components(self) -> list[Component]:
        """The components that belong to the state."""
        return [component for component in self.components if component.kept_as]

    def receiver(self, delivery: Delivery) -> Receiver | None:
        """Return what takes a delivery: the resource of its target's ARN, else the way to the shard that it is for,
        else the first gateway that it asks for.
        """
        resource = self.resources.get(delivery.target)
        if resource is not None:
            return resource
        if self.shards is not None and self.shards.other(delivery) is not None:
            return self._gateways[ANOTHER_SHARD]
        return next((self._gateways[key] for key in delivery.ways() if key in self._gateways), None)

    def enter(self, resource: Resource) -> None:
        """Have deliveries find a resource by its ARN, unless it is of another shard's account.

        Such an account has a scope here, with a default bus, while it asks for a topic of this shard, and in replays.
        """
        if not self.is_elsewhere(resource.arn):
            self.resources[resource.arn] = resource

    def is_elsewhere(self, arn: str) -> bool:
        """Tell whether an ARN is of an account of another shard."""
        return self.shards is not None and self.shards.other_of(account_of(arn)) is not None

    def gateway(self, key: str) -> Gateway | None:
        """Return the gateway that takes what asks for a key."""
        return self._gateways.get(key)

    def count(self, delivery: Delivery, outcome: str) -> None:
        """Count how a delivery ended: at its topic, or in the account and region of its rule."""
        if delivery.counts:
            self.deliveries[delivery.source.rpartition(":")[0]][outcome] += 1

    def watch(self, arn: str, tell: Callable[[], None]) -> None:
        """Have somebody told when there is a resource of an ARN that was not there before."""
        self.watchers.setdefault(arn, {})[tell] = None

    def unwatch(self, arn: str, tell: Callable[[], None]) -> None:
        watchers = self.watchers.get(arn, {})
        watchers.pop(tell, None)
        if not watchers:
            self.watchers.pop(arn, None)

    def announce(self, arn: str) -> None:
        """Tell those who watch for a resource that it is there."""
        for tell in list(self.watchers.get(arn, ())):
            tell()

    def release_polls(self) -> None:
        """Answer whoever waits at a resource with nothing."""
        with self.door.entry("release polls"):
            for resource in self.resources.values():
                # Whatever state one is in, it holds up none of the others: a reset clears all.
                with suppress(Exception):
                    resource.close()

    def clear(self) -> None:
        """Forget everything; who waits at a resource is answered with nothing. The clock and the ids go on."""
        resources = deque(self.resources.values())
        self.release_polls()
        self.resources.clear()
        self.subscriptions.clear()
        self.watchers.clear()
        for component in self.components:
            component.clear()
        self.timers.clear()
        self.faults.clear()
        self.recent.clear()
        self.releases.add(chain(remains_of(resources), self.trace.clear()))
