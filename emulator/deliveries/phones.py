"""Phone numbers as subscribers of topics: each text is sent by the account and region of its topic."""

from collections.abc import Callable, Iterable

from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.topics.sms import TextMessages

TextsOf = Callable[[str], TextMessages]
"""Returns the text messages of an ARN's account and region."""


class Phones(Gateway):
    """All phone numbers."""

    serves = ("sms",)

    def __init__(self, texts_of: TextsOf) -> None:
        self._texts_of = texts_of

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        return self._texts_of(delivery.source).accept(delivery, now)
