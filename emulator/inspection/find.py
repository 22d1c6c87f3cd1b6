"""Finds a resource by what a person calls it: its ARN, a queue's URL, or a name in an account and a region."""

import re
from typing import TypeVar

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic import Topic

Kind = TypeVar("Kind", Queue, Topic, Bus)

_KINDS: dict[type, tuple[str, str, str]] = {
    Queue: ("queue", "sqs", ""),
    Topic: ("topic", "sns", ""),
    Bus: ("event bus", "events", "event-bus/"),
}
_QUEUE_URL = re.compile(r"https?://[^/]+(?:/queue/([a-z0-9-]+))?/(\d{12})/([^/?]+)", re.ASCII)


def find(
    engine: Engine, kind: type[Kind], name: str, account: str | None = None, region: str | None = None
) -> Kind:
    """Find a resource; without them, account and region are the engine's own. Raise ResourceNotFoundError."""
    noun, _, _ = _KINDS[kind]
    # The account's default bus exists from the first time that the account is looked at.
    engine.scope(engine.config.account, engine.config.region)
    resource = engine.resources.get(_arn(engine, kind, name, account, region))
    if isinstance(resource, kind):
        return resource
    raise ResourceNotFoundError(f"There is no {noun} {name}.")


def _arn(engine: Engine, kind: type, name: str, account: str | None, region: str | None) -> str:
    if name.startswith("arn:"):
        return name
    _, service, prefix = _KINDS[kind]
    url = _QUEUE_URL.match(name)
    if url is not None:
        region, account, name = url[1] or region, url[2], url[3]
    arn = Arn.of(service, region or engine.config.region, account or engine.config.account, prefix + name)
    return str(arn)
