"""Events on their way through a pipe, and what an enrichment makes of them."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.pipes.sources import SourceKind
from pocketbus.rules import json_text
from pocketbus.rules.pipe_template import Subject


class StageFailed(EngineError):
    """An enrichment or a target could not be given the events, or has failed with all of them."""


class PipeEvent(NamedTuple):
    """One event: its text, and the record that it is known to come from."""

    text: str
    message_id: str | None


class Events(NamedTuple):
    """What goes on together; one that `is_alone` is what an enrichment answered that is no array."""

    events: tuple[PipeEvent, ...]
    is_alone: bool = False

    @property
    def payload(self) -> str:
        """What takes all of them gets. Raise StageFailed if that is not JSON."""
        text = self.events[0].text if self.is_alone else f"[{','.join(event.text for event in self.events)}]"
        try:
            json_text.read(text)
        except ValueError:
            raise StageFailed("the input template makes no JSON of an event") from None
        return text

    def with_texts(self, texts: Iterable[str]) -> "Events":
        changed = (event._replace(text=text) for event, text in zip(self.events, texts, strict=True))
        return self._replace(events=tuple(changed))


NOTHING = Events(())


def subject_of(event: PipeEvent, kind: SourceKind) -> Subject:
    """Return what templates and dynamic parameters see of an event: encoded fields as what they stand for."""
    try:
        value = json_text.decode(event.text)
    except ValueError:
        return Subject(event.text, event.text, is_json=False)
    return Subject(kind.decoded(value), event.text)


def enriched(answer: str, identifier: str, message_ids: Collection[str]) -> Events:
    """Return the events that an enrichment answers: none for an empty answer, each of an array, or just one.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
    """
    try:
        value: Any = json_text.decode(answer)
    except ValueError:
        return Events((PipeEvent(answer, None),), is_alone=True) if answer else NOTHING
    if value is None or value in ("", {}, []):
        return NOTHING
    if not isinstance(value, list):
        return Events((_event(value, identifier, message_ids),), is_alone=True)
    return Events(tuple(_event(one, identifier, message_ids) for one in value))


def _event(value: Any, identifier: str, message_ids: Collection[str]) -> PipeEvent:
    named = value.get(identifier) if isinstance(value, dict) else None
    known = isinstance(named, str) and named in message_ids
    return PipeEvent(json_text.escape_surrogates(json_text.encode(value)), named if known else None)
