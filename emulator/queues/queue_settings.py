"""What a queue's owner can set, typed, with AWS's defaults."""

from msgspec import Struct

from pocketbus.emulator.limits import MESSAGE_BYTES


class RedrivePolicy(Struct, frozen=True):
    """Where messages go that were received `max_receive_count` times without being deleted."""

    dead_letter_target: str
    max_receive_count: int


class RedriveAllowPolicy(Struct, frozen=True):
    """Which queues may use this one as their dead-letter queue: allowAll, denyAll or byQueue."""

    permission: str
    sources: tuple[str, ...] = ()

    def admits(self, source: str) -> bool:
        return self.permission == "allowAll" or source in self.sources


class QueueSettings(Struct, frozen=True):
    """Durations are in seconds. The policy and the encryption settings are stored and have no effect here."""

    fifo: bool = False
    visibility_timeout: int = 30
    delay_seconds: int = 0
    maximum_message_size: int = MESSAGE_BYTES
    message_retention_period: int = 345_600
    receive_message_wait_time_seconds: int = 0
    content_based_deduplication: bool = False
    deduplication_scope: str = "queue"
    fifo_throughput_limit: str = "perQueue"
    redrive_policy: RedrivePolicy | None = None
    redrive_allow_policy: RedriveAllowPolicy | None = None
    policy: str | None = None
    kms_master_key_id: str | None = None
    kms_data_key_reuse_period_seconds: int = 300
    sqs_managed_sse_enabled: bool = True
