"""The logs of custom event buses."""

from pocketbus.controls.calls import Calls
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.logs import (
    EventView,
    SubscriberView,
    compacted,
    events,
    find_custom_bus,
    find_subscriber,
    find_webhook,
    position_of,
    subscriber_view,
)
from pocketbus.emulator.time.duration import instant_of


class LogControls(Calls):
    """Shows what is in a log, and sets subscribers back."""

    def log(self, bus: str) -> list[EventView]:
        """Return the events of a custom event bus, oldest first."""

        async def look(engine: Engine) -> list[EventView]:
            return [one async for one in events(find_custom_bus(engine, bus, self.account, self.region))]

        return self._await(look)

    def compacted(self, bus: str, key: str) -> list[EventView]:
        """Return the newest event of each key, oldest first; the key is a path such as `Data.detail.order`."""

        async def look(engine: Engine) -> list[EventView]:
            found = compacted(find_custom_bus(engine, bus, self.account, self.region), key)
            return [one async for one in found]

        return self._await(look)

    def webhook_secret(self, source: str) -> str:
        """Return the secret of a webhook, by the ARN of its event source."""
        return self.call(lambda engine: find_webhook(engine, source)[1].secret)

    def rewind(
        self, subscriber: str, *, position: int | None = None, at: float | str | None = None
    ) -> SubscriberView:
        """Let a subscriber go on from a position or an instant, else from the earliest event."""

        def set_back(engine: Engine) -> SubscriberView:
            found = find_subscriber(engine, subscriber, self.account, self.region)
            bus = find_custom_bus(engine, found.bus_arn, None, None)
            found.rewind(position_of(bus, None if at is None else instant_of(at), position))
            return subscriber_view(found, engine.clock.now())

        return self.call(set_back)
