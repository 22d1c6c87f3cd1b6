"""The default buses of accounts and regions that nobody has used yet: each is there from the beginning."""

from collections.abc import Callable, Iterable

from pocketbus.emulator.buses.bus import DEFAULT_BUS
from pocketbus.emulator.buses.events_scope import EventsScope
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing
from pocketbus.emulator.deliveries.gateway import Gateway

EventsOf = Callable[[str], EventsScope]
"""Returns what EventBridge has in an ARN's account and region, begun now if need be."""


class DefaultBuses(Gateway):
    """All event buses that are no resources: the default ones come to be, of the others there is none."""

    serves = ("events:event-bus",)

    def __init__(self, events_of: EventsOf) -> None:
        self._events_of = events_of

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        if not delivery.target.endswith(f":event-bus/{DEFAULT_BUS}"):
            raise TargetMissing
        return self._events_of(delivery.target).buses[DEFAULT_BUS].accept(delivery, now)
