"""The settings of one engine, read once and never changed."""

from collections.abc import Mapping

from msgspec import Struct, field

from pocketbus.emulator.buses.event_quotas import EventQuotas


class Config(Struct, frozen=True):
    account: str = "000000000000"
    region: str = "us-east-1"
    seed: int | None = None
    trace_limit: int = 100_000
    """How many trace records are kept; the oldest give way."""
    outbox_limit: int = 10_000
    """How many payloads for a world that is not emulated are kept; the oldest give way."""
    delivery_limit: int = 10_000
    """How many deliveries over a network may wait for their targets; more go to their dead-letter queues."""
    outgoing: str = "nearby"
    """Where HTTP goes on its own account: nearby, which is loopback and private addresses, or anywhere."""
    lambda_urls: Mapping[str, str] = field(default_factory=dict)
    """Where Lambda functions run, by name; the empty name stands for all others."""
    smtp: str | None = None
    """Host and port of the SMTP server that mail goes to; None: the outbox."""
    email_sender: str = "no-reply@sns.amazonaws.com"
    allow_origins: frozenset[str] = frozenset()
    """Origins whose web pages may ask, beside those on loopback and the emulator's own; `*` is all."""
    allow_hosts: frozenset[str] = frozenset()
    """Names, with all below them, by which requests may come, beside addresses and private names; `*` is all."""
    sns_cert_url_host: str | None = None
    """The host that SigningCertURL names, with https, for validators that want one of AWS; None: the server's own."""
    sms_sandbox: bool = False
    """Whether accounts are in SNS's SMS sandbox, which sends texts to verified phone numbers only."""
    event_quotas: EventQuotas = field(default_factory=EventQuotas)
    """How many buses, rules a bus and the like EventBridge allows; none of these limits applies by default."""
    strict: bool = False
    """Whether SQS's waits apply: 60 seconds between purges, and before a deleted queue's name can be used again."""
    certificate: bytes | None = None
    """The certificate, in PEM, that HTTPS is served with if it was made for that; clients fetch and trust it."""
    sqs_endpoint_strategy: str = "dynamic"
    """The form of the queue URLs in answers: dynamic, standard, domain or path."""
