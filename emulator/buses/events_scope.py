"""EventBridge in one account and region: buses, archives, replays, and what leads to partners and elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.api_destination import ApiDestination, ApiDestinationSettings
from pocketbus.emulator.buses.archive import Archive, ArchiveLog, ArchiveSettings
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.buses.connection import Connection, ConnectionSettings
from pocketbus.emulator.buses.endpoint import Endpoint, EndpointSettings
from pocketbus.emulator.buses.event_quotas import check_quota
from pocketbus.emulator.buses.event_source import ACTIVE, DELETED, EventSource, EventSources
from pocketbus.emulator.buses.replay import Replay, ReplaySettings
from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Resource
from pocketbus.emulator.limits import ACTIVE_REPLAYS
from pocketbus.emulator.service_scope import ServiceScope


class EventsScope(ServiceScope):
    """Everything is by its name. The default bus is there from the start."""

    service = "events"
    owns = ("events:event-bus", "events:archive")
    holds = (
        "buses",
        "archives",
        "replays",
        "connections",
        "api_destinations",
        "endpoints",
        "offered_sources",
        "partner_sources",
    )

    def begin(self, now: float) -> None:
        self.buses: Catalogue[Bus] = Catalogue()
        self.archives: Catalogue[Archive] = Catalogue()
        self.replays: Catalogue[Replay] = Catalogue()
        self.connections: Catalogue[Connection] = Catalogue()
        self.api_destinations: Catalogue[ApiDestination] = Catalogue()
        self.endpoints: Catalogue[Endpoint] = Catalogue()
        self.offered_sources = EventSources()
        """Partner event sources that another account made for this one."""
        self.partner_sources = EventSources()
        """Those that this account, as a partner, made for others."""
        self.create_bus(DEFAULT_BUS, BusSettings(), {}, now)

    def resources(self) -> Iterator[Resource]:
        yield from self.buses.values()
        yield from self.archives.values()

    def logs(self) -> Iterator[ArchiveLog]:
        for archive in self.archives.values():
            yield archive.log

    def end(self) -> None:
        for bus in self.buses.values():
            for rule in bus.rules.values():
                rule.close()
        for replay in self.replays.values():
            replay.close()

    def begin_anew(self, now: float) -> None:
        for bus in self.buses.values():
            for rule in bus.rules.values():
                rule.begin_anew(now)

    @property
    def untouched(self) -> bool:
        others = (getattr(self, name) for name in self.holds if name != "buses")
        return self.buses.keys() == {DEFAULT_BUS} and self.buses[DEFAULT_BUS].untouched and not any(others)

    def kept(self, now: float) -> dict[str, Any]:
        self.replays_at(now)
        self.endpoints_at(now)
        return super().kept(now)

    def create_bus(self, name: str, settings: BusSettings, tags: Mapping[str, str], now: float) -> Bus:
        """Make an event bus of a name that is not taken; the default one exists from the start."""
        check_quota(self._core.config.event_quotas.buses, len(self.buses))
        bus = Bus(Arn.of("events", self.region, self.account, f"event-bus/{name}"), settings, self._core, now)
        bus.tags.update(tags)
        self.buses[name] = bus
        self._core.enter(bus)
        return bus

    def delete_bus(self, bus: Bus, now: float) -> None:
        """Let go of a bus that has no rules; the partner event source of its name waits for another."""
        del self.buses[bus.name]
        del self._core.resources[bus.arn]
        for source in self.offered_sources.named(bus.name, now):
            if source.state == ACTIVE:
                source.deactivate(now)
            elif source.state == DELETED:
                self.offered_sources.remove(source)

    def create_archive(self, name: str, bus: Bus, settings: ArchiveSettings, now: float) -> Archive:
        """Make an archive of a name that is not taken."""
        check_quota(self._core.config.event_quotas.archives, len(self.archives))
        archive = Archive(self.arn(f"archive/{name}"), bus, settings, self._core, now)
        self.archives[name] = self._core.resources[archive.arn] = archive
        return archive

    def delete_archive(self, archive: Archive) -> None:
        """Let an archive go with its events; a replay that is under way has its own."""
        archive.withdraw()
        del self.archives[archive.name]
        del self._core.resources[archive.arn]
        archive.log.close()
        self._core.releases.add(archive.remains())

    def replays_at(self, now: float) -> dict[str, Replay]:
        """Return the replays by name, after forgetting those that ended 90 days ago."""
        for name in [name for name, replay in self.replays.items() if replay.forgotten(now)]:
            del self.replays[name]
        return self.replays

    def start_replay(self, name: str, archive: Archive, settings: ReplaySettings, now: float) -> Replay:
        """Start a replay of a name that is not taken; LimitExceededException if too many are under way."""
        check_quota(ACTIVE_REPLAYS, sum(replay.unfinished for replay in self.replays.values()))
        replay = Replay(self.arn(f"replay/{name}"), archive, settings, self._core, now)
        self.replays[name] = replay
        return replay

    def create_connection(self, name: str, settings: ConnectionSettings, now: float) -> Connection:
        """Make a connection of a name that is not taken."""
        check_quota(self._core.config.event_quotas.connections, len(self.connections))
        arn = self.arn(f"connection/{name}/{self._core.ids.uuid()}")
        secret = f"secret:events!connection/{name}/{self._core.ids.uuid()}-{self._core.ids.hex(6)}"
        connection = Connection(
            arn, str(Arn.of("secretsmanager", self.region, self.account, secret)), settings, now
        )
        self.connections[name] = connection
        return connection

    def create_api_destination(
        self, name: str, settings: ApiDestinationSettings, now: float
    ) -> ApiDestination:
        """Make an API destination of a name that is not taken."""
        check_quota(self._core.config.event_quotas.api_destinations, len(self.api_destinations))
        arn = self.arn(f"api-destination/{name}/{self._core.ids.uuid()}")
        destination = ApiDestination(arn, settings, now)
        self.api_destinations[name] = destination
        return destination

    def create_endpoint(self, name: str, settings: EndpointSettings, now: float) -> Endpoint:
        """Make a global endpoint of a name that is not taken."""
        check_quota(self._core.config.event_quotas.endpoints, len(self.endpoints))
        endpoint_id = f"{self._core.ids.hex(10)}.{self._core.ids.hex(3)}"
        endpoint = Endpoint(self.arn(f"endpoint/{name}"), endpoint_id, settings, now)
        self.endpoints[name] = endpoint
        return endpoint

    def endpoints_at(self, now: float) -> dict[str, Endpoint]:
        """Return the global endpoints by name, after forgetting those whose deletion is over."""
        for name in [name for name, endpoint in self.endpoints.items() if endpoint.state_at(now) is None]:
            del self.endpoints[name]
        return self.endpoints

    def offer_source(self, name: str, customer: "EventsScope", now: float) -> EventSource:
        """Make a partner event source for another account in the same region."""
        arn = str(Arn.of("events", self.region, "", f"event-source/{name}"))
        source = EventSource(arn, name, customer.account, now)
        self.partner_sources.add(source)
        customer.offered_sources.add(source)
        return source

    def withdraw_source(self, source: EventSource, customer: "EventsScope") -> None:
        """End a partner event source; a customer who has a bus for it goes on seeing it, as deleted."""
        self.partner_sources.remove(source)
        source.delete()
        if source.name not in customer.buses:
            customer.offered_sources.remove(source)
