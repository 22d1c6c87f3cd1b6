"""What a topic's owner can set, and the limits that follow from it."""

from collections.abc import Mapping
from math import inf

from msgspec import Struct, field

from pocketbus.emulator.limits import (
    FIFO_TOPIC_SUBSCRIPTIONS,
    LARGE_MESSAGE_SUBSCRIPTIONS,
    TOPIC_MESSAGE_BYTES,
)
from pocketbus.emulator.topics.delivery_policy import DeliveryPolicy
from pocketbus.emulator.topics.topic_archive import ArchivePolicy

_LARGE_MESSAGE_PROTOCOLS = frozenset({"sqs", "lambda", "firehose"})


class TopicSettings(Struct, frozen=True):
    """What a topic's owner can set; `kept` holds, under AWS's names, what is stored and has no effect here."""

    fifo: bool = False
    content_based_deduplication: bool = False
    fifo_throughput_scope: str | None = None
    maximum_message_size: int | None = None
    signature_version: str | None = None
    delivery_policy: DeliveryPolicy | None = None
    data_protection_policy: str | None = None
    archive_policy: ArchivePolicy | None = None
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def message_bytes(self) -> int:
        return self.maximum_message_size or TOPIC_MESSAGE_BYTES

    @property
    def subscription_limit(self) -> float:
        if self.fifo:
            return FIFO_TOPIC_SUBSCRIPTIONS
        return LARGE_MESSAGE_SUBSCRIPTIONS if self.message_bytes > TOPIC_MESSAGE_BYTES else inf

    def takes(self, protocol: str) -> bool:
        """Tell whether messages as large as can be published here can go to subscribers of a protocol."""
        return self.message_bytes <= TOPIC_MESSAGE_BYTES or protocol in _LARGE_MESSAGE_PROTOCOLS
