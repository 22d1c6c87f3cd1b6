"""What passed lately, and what one rule or subscription did not want of it."""

from collections.abc import Iterator
from typing import Any

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.event import LIVE, LogEvent
from pocketbus.emulator.custombuses.payload import document_of
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.explanation import Verdict, explain_event, explain_publication
from pocketbus.emulator.inspection.recent import Passed
from pocketbus.emulator.message import plain_attributes
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.topic import Topic
from pocketbus.rules.json_text import read_to_show


def refusals(core: Core, arn: str) -> Iterator[tuple[Passed, Verdict | None]]:
    """Yield what passed the bus or topic of a rule or subscription, the latest first, and its verdict if against.

    Raise ResourceNotFoundError.
    """
    source = _source_of(core, arn)
    for passed in list(reversed(core.recent)):
        if passed.resource == source.arn:
            yield passed, next((one for one in _verdicts(source, passed, arn) if not one.matches), None)


def _source_of(core: Core, arn: str) -> Bus | Topic:
    for resource in core.resources.values():
        if isinstance(resource, Bus) and any(rule.arn == arn for rule in resource.rules.values()):
            return resource
        if isinstance(resource, Topic) and resource.audience.get(arn) is not None:
            return resource
    raise ResourceNotFoundError(f"There is no rule or subscription {arn}.")


def _verdicts(source: Bus | Topic, passed: Passed, only: str) -> Iterator[Verdict]:
    content = passed.content
    if isinstance(source, Bus) and isinstance(content, BusEvent):
        yield from explain_event(source, content, only)
    elif isinstance(source, Topic) and isinstance(content, Publication):
        yield from explain_publication(source, content, only)


def written(passed: Passed) -> dict[str, Any]:
    """Write what passed for a reader of JSON: an event as it reaches a target, or a message with its attributes."""
    shown: dict[str, Any] = {"subject": passed.subject, "resource": passed.resource}
    match passed.content:
        case BusEvent() as event:
            return shown | {"event": read_to_show(event.body)}
        case LogEvent() as event_of_log:
            return shown | {"event": document_of(event_of_log, LIVE)}
        case Publication() as publication:
            attributes = plain_attributes(publication.attributes)
            return shown | {"message": publication.message, "attributes": attributes}
    return shown
