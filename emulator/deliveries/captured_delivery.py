"""Deliveries of SNS that never leave: texts to phones, and records to Firehose streams, end in the outbox."""

from typing import TYPE_CHECKING

from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.outbox import Captured

if TYPE_CHECKING:
    from pocketbus.emulator.core import Core, Receiver

_WHY = "Firehose is not emulated."


class TextDelivery(Delivery):
    """A text to a phone number, sent by the account and region of the topic."""

    __slots__ = ()

    def receiver(self, core: "Core") -> "Receiver":
        return core.scope_of(self.source).sms


class StreamDelivery(Delivery):
    """A record for a Firehose stream."""

    __slots__ = ()

    def receiver(self, core: "Core") -> "Streams":
        return Streams(core)


class Streams:
    """All Firehose streams."""

    def __init__(self, core: "Core") -> None:
        self._core = core

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...]:
        body = delivery.content.body
        self._core.trace.record(now, "captured", delivery.target, delivery.subject, _WHY)
        self._core.outbox.capture(Captured(now, "firehose", delivery.source, delivery.target, body, {}, _WHY))
        return ()
