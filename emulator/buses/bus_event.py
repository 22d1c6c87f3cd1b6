"""The event as EventBridge passes it on: its envelope rendered once, the content that all its targets share."""

import json
from json.encoder import encode_basestring
from typing import Any, Final

from msgspec.structs import replace

from pocketbus.emulator.envelope import Envelope, minified
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.logs.log import check_texts
from pocketbus.emulator.message import NO_ATTRIBUTES, Text
from pocketbus.rules.event import MAX_DEPTH, Event

_quote: Final = encode_basestring


class BusEvent(Text):
    """An event on its way: its body is the whole event in JSON. MalformedDetail if the detail is no JSON object."""

    __slots__ = ("_detail", "envelope")

    def __init__(self, envelope: Envelope, detail: str, trace_header: str | None = None) -> None:
        # The event around it is one deeper.
        parsed = _parse(detail, MAX_DEPTH - 1)
        super().__init__(envelope.render(minified(detail)), trace_header=trace_header)
        self.envelope = envelope
        self._detail: Event | None = parsed

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "envelope": self.envelope}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.envelope = state.pop("envelope")
        self._detail = None
        super().__setstate__(state)

    @classmethod
    def of(cls, body: str, trace_header: str | None) -> "BusEvent":
        """Return the event of a body that was made here. Raise LookupError, TypeError or ValueError for another."""
        told = json.loads(body)
        texts = [told[name] for name in ("id", "detail-type", "source", "account", "time", "region")]
        resources, replay_name = told["resources"], told.get("replay-name")
        check_texts(*texts, *resources, *(one for one in (trace_header, replay_name) if one is not None))
        event_id, detail_type, source, account, at, region = texts
        event = cls.__new__(cls)
        event.__setstate__(
            {
                "body": body,
                "attributes": NO_ATTRIBUTES,
                "trace_header": trace_header,
                "envelope": Envelope(
                    event_id, detail_type, source, account, at, region, tuple(resources), replay_name
                ),
            }
        )
        return event

    def matchable(self) -> Event:
        """Return the event as patterns see it.

        What was read of it when it came is given to the first who asks, and not kept where the event lasts.
        """
        detail, self._detail = self._detail, None
        return _parse(self.body) if detail is None else self.envelope.around(detail)

    def pass_unseen(self) -> None:
        """Hear that nobody will ask."""
        self._detail = None

    def with_detail(self, detail: str) -> "BusEvent":
        """Return the same event around another detail."""
        return BusEvent(self.envelope, detail, self.trace_header)

    def with_id(self, event_id: str) -> "BusEvent":
        """Return the same event under another id, which its body has once, near the beginning."""
        envelope = replace(self.envelope, event_id=event_id)
        return self._again(envelope, self.body.replace(self.envelope.event_id, event_id, 1))

    def replayed(self, replay_name: str) -> "BusEvent":
        """Return the same event as a replay sends it again."""
        envelope = replace(self.envelope, replay_name=replay_name)
        return self._again(envelope, f'{self.body[:-1]},"replay-name":{_quote(replay_name)}}}')

    def _again(self, envelope: Envelope, body: str) -> "BusEvent":
        again = BusEvent.__new__(BusEvent)
        again.__setstate__({**self.__getstate__(), "envelope": envelope, "body": body})
        return again


def _parse(text: str, depth: int = MAX_DEPTH) -> Event:
    try:
        return Event.from_json(text, depth)
    except ValueError:
        raise MalformedDetail from None
