"""One account in one region: its queues, topics and buses by name."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.api_destination import ApiDestination, ApiDestinationSettings
from pocketbus.emulator.buses.archive import Archive, ArchiveSettings
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.buses.connection import Connection, ConnectionSettings
from pocketbus.emulator.buses.endpoint import Endpoint, EndpointSettings
from pocketbus.emulator.buses.event_quotas import check_quota
from pocketbus.emulator.buses.event_source import ACTIVE, DELETED, EventSource, EventSources
from pocketbus.emulator.buses.replay import Replay, ReplaySettings
from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core, Resource
from pocketbus.emulator.errors import InvalidStateException, QueueDeletedRecently
from pocketbus.emulator.limits import ACTIVE_REPLAYS, DELETED_NAME_SECONDS
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.releases import remains_of
from pocketbus.emulator.topics.platform import PlatformApplication
from pocketbus.emulator.topics.sms import TextMessages
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

SERVICES: Mapping[str, tuple[str, ...]] = {
    "sqs": ("queues", "_queues_deleted_at"),
    "sns": ("topics", "sms", "platform_applications"),
    "events": (
        "buses",
        "archives",
        "replays",
        "connections",
        "api_destinations",
        "endpoints",
        "offered_sources",
        "partner_sources",
    ),
}
"""What each service has in a scope, by the names of its attributes there."""

_KINDS: Mapping[str, type[Any]] = {
    "queues": Queue,
    "topics": Topic,
    "platform_applications": PlatformApplication,
    "buses": Bus,
    "archives": Archive,
    "replays": Replay,
    "connections": Connection,
    "api_destinations": ApiDestination,
    "endpoints": Endpoint,
}


_CATALOGUES = frozenset({"queues", "topics"})


def check_kept(kept: Mapping[str, Any]) -> None:
    """Raise TypeError or AttributeError if what was kept of a service is not what `restore` can put in place."""
    for name, value in kept.items():
        kind = _KINDS.get(name)
        if kind is not None and not all(isinstance(one, kind) and one.arn for one in value.values()):
            raise TypeError(f"{name} holds something else")
    for application in kept.get("platform_applications", {}).values():
        if not all(endpoint.arn for endpoint in application.endpoints.values()):
            raise TypeError("an endpoint has no ARN")


class Scope:
    """The resources of one (account, region) pair, and the core that all pairs share."""

    def __init__(self, account: str, region: str, core: Core) -> None:
        self.account = account
        self.region = region
        self.core = core
        self._begin_queues()
        self._begin_topics()
        self._begin_buses(core.clock.now())

    def _begin_queues(self) -> None:
        self.queues: Catalogue[Queue] = Catalogue()
        self._queues_deleted_at: dict[str, float] = {}

    def _begin_topics(self) -> None:
        self.topics: Catalogue[Topic] = Catalogue()
        self.sms = TextMessages(self.account, self.region, self.core)
        self.platform_applications: dict[str, PlatformApplication] = {}

    def _begin_buses(self, now: float) -> None:
        self.buses: dict[str, Bus] = {}
        self.archives: dict[str, Archive] = {}
        self.replays: dict[str, Replay] = {}
        self.connections: dict[str, Connection] = {}
        self.api_destinations: dict[str, ApiDestination] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.offered_sources = EventSources()
        """Partner event sources that another account made for this one."""
        self.partner_sources = EventSources()
        """Those that this account, as a partner, made for others."""
        self.create_bus(DEFAULT_BUS, BusSettings(), {}, now)

    # The state of one service

    def kept(self, service: str, now: float) -> dict[str, Any]:
        """Return what a service has here, by the names of SERVICES."""
        self.replays_at(now)
        return {name: getattr(self, name) for name in SERVICES[service]}

    def resources(self, service: str) -> Iterator[Resource]:
        """Yield what a service has here that can be found by its ARN."""
        match service:
            case "sqs":
                yield from self.queues.values()
            case "sns":
                yield from self.topics.values()
                for application in self.platform_applications.values():
                    yield from application.endpoints.values()
            case "events":
                yield from self.buses.values()
                yield from self.archives.values()

    def forget(self, service: str, now: float) -> None:
        """Let go of all that a service has here; who waits is answered with nothing."""
        self._withdraw(service)
        match service:
            case "sqs":
                self._begin_queues()
            case "sns":
                self._begin_topics()
            case "events":
                self._begin_buses(now)

    def restore(self, service: str, kept: Mapping[str, Any]) -> None:
        """Put what `kept` told of a service in the place of what is here."""
        self._withdraw(service)
        for name, value in kept.items():
            setattr(self, name, Catalogue(value) if name in _CATALOGUES else value)
        for resource in self.resources(service):
            self.core.resources[resource.arn] = resource
        if service == "events":
            self.core.endpoints.update({one.endpoint_id: one for one in self.endpoints.values()})

    def _withdraw(self, service: str) -> None:
        withdrawn = list(self.resources(service))
        for resource in withdrawn:
            resource.close()
            del self.core.resources[resource.arn]
        for end in self._ends(service):
            end()
        if service == "events":
            for endpoint in self.endpoints.values():
                del self.core.endpoints[endpoint.endpoint_id]
        self.core.releases.add(remains_of(deque(withdrawn)))

    def _ends(self, service: str) -> Iterator[Callable[[], None]]:
        """Yield what keeps a service from doing anything later by itself."""
        match service:
            case "sqs":
                yield from (task.cancel for queue in self.queues.values() for task in queue.move_tasks)
            case "sns":
                yield from (topic.confirmations.close for topic in self.topics.values())
            case "events":
                yield from (rule.close for bus in self.buses.values() for rule in bus.rules.values())
                yield from (replay.close for replay in self.replays.values())

    def arn(self, service: str, resource: str) -> str:
        return str(Arn.of(service, self.region, self.account, resource))

    def create_queue(self, name: str, settings: QueueSettings, tags: Mapping[str, str], now: float) -> Queue:
        """Make a queue of a name that is not taken; by AWS's strict rules a name rests 60 seconds after its queue."""
        deleted_at = self._queues_deleted_at.get(name)
        if deleted_at is not None and now - deleted_at < DELETED_NAME_SECONDS:
            raise QueueDeletedRecently
        queue = Queue(self.arn("sqs", name), self.account, settings, self.core, now)
        queue.tags.update(tags)
        self.queues[name] = self.core.resources[queue.arn] = queue
        return queue

    def delete_queue(self, queue: Queue, now: float) -> None:
        """Let a queue go with all its messages; who waits there is answered with nothing."""
        if self.core.config.strict:
            self._queues_deleted_at[queue.name] = now
        del self.queues[queue.name]
        del self.core.resources[queue.arn]
        queue.close()
        self.core.releases.add(queue.remains())

    def create_topic(self, name: str, settings: TopicSettings, tags: Mapping[str, str]) -> Topic:
        """Make a topic of a name that is not taken."""
        topic = Topic(self.arn("sns", name), self.account, settings, self.core)
        topic.tags.update(tags)
        self.topics[name] = self.core.resources[topic.arn] = topic
        return topic

    def delete_topic(self, topic: Topic) -> None:
        """Let a topic go with all its subscriptions; an archive in force protects it."""
        if topic.settings.archive_policy is not None:
            raise InvalidStateException(
                "The message archive policy of the topic must be deactivated before the topic can be deleted"
            )
        del self.topics[topic.name]
        del self.core.resources[topic.arn]
        topic.confirmations.close()
        self.core.releases.add(topic.remains())

    def create_platform_application(
        self, platform: str, name: str, attributes: Mapping[str, str]
    ) -> PlatformApplication:
        """Return the application of a platform and name; make it if there is none."""
        arn = self.arn("sns", f"app/{platform}/{name}")
        application = self.platform_applications.get(arn)
        if application is None:
            application = PlatformApplication(arn, attributes, self.core)
            self.platform_applications[arn] = application
        return application

    def delete_platform_application(self, arn: str) -> None:
        """Let an application go with its endpoints, if there is one."""
        application = self.platform_applications.pop(arn, None)
        if application is not None:
            application.delete_endpoints()

    def create_bus(self, name: str, settings: BusSettings, tags: Mapping[str, str], now: float) -> Bus:
        """Make an event bus of a name that is not taken; the default one exists from the start."""
        check_quota(self.core.event_quotas.buses, len(self.buses))
        bus = Bus(Arn.of("events", self.region, self.account, f"event-bus/{name}"), settings, self.core, now)
        bus.tags.update(tags)
        self.buses[name] = self.core.resources[bus.arn] = bus
        return bus

    def delete_bus(self, bus: Bus, now: float) -> None:
        """Let go of a bus that has no rules; the partner event source of its name waits for another."""
        del self.buses[bus.name]
        del self.core.resources[bus.arn]
        for source in self.offered_sources.named(bus.name, now):
            if source.state == ACTIVE:
                source.deactivate(now)
            elif source.state == DELETED:
                self.offered_sources.remove(source)

    def create_archive(self, name: str, bus: Bus, settings: ArchiveSettings, now: float) -> Archive:
        """Make an archive of a name that is not taken."""
        check_quota(self.core.event_quotas.archives, len(self.archives))
        archive = Archive(self.arn("events", f"archive/{name}"), bus, settings, self.core, now)
        self.archives[name] = self.core.resources[archive.arn] = archive
        return archive

    def delete_archive(self, archive: Archive) -> None:
        """Let an archive go with its events; a replay that is under way has its own."""
        archive.withdraw()
        del self.archives[archive.name]
        del self.core.resources[archive.arn]
        self.core.releases.add(archive.remains())

    def replays_at(self, now: float) -> dict[str, Replay]:
        """Return the replays by name, after forgetting those that ended 90 days ago."""
        self.replays = {name: replay for name, replay in self.replays.items() if not replay.forgotten(now)}
        return self.replays

    def start_replay(self, name: str, archive: Archive, settings: ReplaySettings, now: float) -> Replay:
        """Start a replay of a name that is not taken; LimitExceededException if too many are under way."""
        check_quota(ACTIVE_REPLAYS, sum(replay.unfinished for replay in self.replays.values()))
        replay = Replay(self.arn("events", f"replay/{name}"), archive, settings, self.core, now)
        self.replays[name] = replay
        return replay

    def create_connection(self, name: str, settings: ConnectionSettings, now: float) -> Connection:
        """Make a connection of a name that is not taken."""
        check_quota(self.core.event_quotas.connections, len(self.connections))
        arn = self.arn("events", f"connection/{name}/{self.core.ids.uuid()}")
        secret = f"secret:events!connection/{name}/{self.core.ids.uuid()}-{self.core.ids.hex(6)}"
        connection = Connection(arn, self.arn("secretsmanager", secret), settings, now)
        self.connections[name] = connection
        return connection

    def create_api_destination(
        self, name: str, settings: ApiDestinationSettings, now: float
    ) -> ApiDestination:
        """Make an API destination of a name that is not taken."""
        check_quota(self.core.event_quotas.api_destinations, len(self.api_destinations))
        arn = self.arn("events", f"api-destination/{name}/{self.core.ids.uuid()}")
        destination = ApiDestination(arn, settings, now)
        self.api_destinations[name] = destination
        return destination

    def create_endpoint(self, name: str, settings: EndpointSettings, now: float) -> Endpoint:
        """Make a global endpoint of a name that is not taken."""
        check_quota(self.core.event_quotas.endpoints, len(self.endpoints))
        endpoint_id = f"{self.core.ids.hex(10)}.{self.core.ids.hex(3)}"
        endpoint = Endpoint(self.arn("events", f"endpoint/{name}"), endpoint_id, settings, now)
        self.endpoints[name] = self.core.endpoints[endpoint_id] = endpoint
        return endpoint

    def delete_endpoint(self, endpoint: Endpoint) -> None:
        del self.endpoints[endpoint.name]
        del self.core.endpoints[endpoint.endpoint_id]

    def offer_source(self, name: str, customer: "Scope", now: float) -> EventSource:
        """Make a partner event source for another account in the same region."""
        arn = str(Arn.of("events", self.region, "", f"event-source/{name}"))
        source = EventSource(arn, name, customer.account, now)
        self.partner_sources.add(source)
        customer.offered_sources.add(source)
        return source

    def withdraw_source(self, source: EventSource, customer: "Scope") -> None:
        """End a partner event source; a customer who has a bus for it goes on seeing it, as deleted."""
        self.partner_sources.remove(source)
        source.delete()
        if source.name not in customer.buses:
            customer.offered_sources.remove(source)
