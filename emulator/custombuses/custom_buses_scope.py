"""EventBridge's custom event buses in one account and region, with what is on them of this account."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.core import Resource
from pocketbus.emulator.custombuses.bus import BusSettings, CustomBus
from pocketbus.emulator.custombuses.log import EventLog
from pocketbus.emulator.custombuses.source import Source
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.schedules.client_tokens import ClientTokens
from pocketbus.emulator.service_scope import ServiceScope


class CustomBusesScope(ServiceScope):
    """Buses are by name, subscribers and event sources by ARN: those that this account has on any bus."""

    service = "eventbridgev2"
    owns = ("events:event-busv2",)
    holds = ("custom_buses", "subscribers", "sources", "custom_bus_tokens")

    def begin(self, now: float) -> None:  # noqa: ARG002 - nothing is here from the start
        self.custom_buses: dict[str, CustomBus] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.sources: dict[str, Source] = {}
        self.custom_bus_tokens = ClientTokens()

    def resources(self) -> Iterator[Resource]:
        yield from self.custom_buses.values()

    def end(self) -> None:
        for subscriber in self.subscribers.values():
            subscriber.close()

    def logs(self) -> Iterator[EventLog]:
        for bus in self.custom_buses.values():
            yield bus.log

    def resume(self) -> None:
        """Have subscribers go on: all of the buses here, and those that this account has elsewhere."""
        of_buses = chain.from_iterable(bus.subscribers.values() for bus in self.custom_buses.values())
        for subscriber in list(chain(of_buses, self.subscribers.values())):
            subscriber.resume()

    def at_work(self) -> Iterable[CustomBus]:
        return self.custom_buses.values()

    def begin_anew(self, now: float) -> None:
        """Let changes be over that would end later by a clock that has gone back, and subscribers look again."""
        for bus in self.custom_buses.values():
            bus.settle(now)
        self.resume()

    @property
    def untouched(self) -> bool:
        return not (self.custom_buses or self.subscribers or self.sources or len(self.custom_bus_tokens))

    def kept(self, now: float) -> dict[str, Any]:
        self.buses_at(now)
        return super().kept(now)

    def arn(self, resource: str) -> str:
        return str(self._arn(resource))

    def _arn(self, resource: str) -> Arn:
        return Arn.of("events", self.region, self.account, resource)

    def identifier(self) -> str:
        """Return the 25 characters that end an ARN."""
        return "".join(self._core.ids.random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=25))

    def buses_at(self, now: float) -> dict[str, CustomBus]:
        """Return the buses by name, after letting go of those whose deletion is over."""
        for name in [name for name, bus in self.custom_buses.items() if bus.gone(now)]:
            bus = self.custom_buses.pop(name)
            self._core.resources.pop(bus.arn, None)
            bus.log.close()
            self._core.releases.add(bus.remains())
        return self.custom_buses

    def create_bus(self, name: str, settings: BusSettings, tags: Mapping[str, str], now: float) -> CustomBus:
        """Make a bus of a name that is not taken."""
        bus = CustomBus(self._arn(f"event-busv2/{name}/{self.identifier()}"), settings, self._core, now)
        bus.tags.update(tags)
        self.custom_buses[name] = self._core.resources[bus.arn] = bus
        return bus
