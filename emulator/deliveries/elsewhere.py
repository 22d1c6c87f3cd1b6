"""Where deliveries to services that are not emulated end: in the outbox."""

from collections.abc import Collection

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.target import RuleDelivery
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing
from pocketbus.emulator.deliveries.gateway import ANYTHING_ELSE, Gateway
from pocketbus.emulator.deliveries.outbox import Captured


class Elsewhere(Gateway):
    """All that is not here. What would be `here`, named as deliveries do, and is not, is nowhere."""

    serves = ("firehose", ANYTHING_ELSE)

    def __init__(self, core: Core, here: Collection[str]) -> None:
        self._core = core
        self._here = here

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...]:
        if any(way in self._here for way in delivery.ways()):
            raise TargetMissing
        arn = Arn.parse(delivery.target)
        service = delivery.protocol if arn is None else arn.service
        why = f"{service} is not emulated"
        details = delivery.parameters if isinstance(delivery, RuleDelivery) else {}
        captured = Captured(
            now, service, delivery.source, delivery.target, delivery.content.body, details, why
        )
        self._core.outbox.capture(captured)
        self._core.trace.record(now, "captured", delivery.target, delivery.subject, why)
        return ()
