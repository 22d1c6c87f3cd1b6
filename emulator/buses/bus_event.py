"""The event as EventBridge passes it on: its envelope rendered once, the content that all its targets share."""

import json
from dataclasses import replace
from typing import Any

from pocketbus.emulator.envelope import Envelope, minified
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.message import Text
from pocketbus.rules.event import Event

_quote = json.JSONEncoder(ensure_ascii=False).encode


class BusEvent(Text):
    """An event on its way: its body is the whole event in JSON. MalformedDetail if the detail is no JSON object."""

    __slots__ = ("envelope",)

    def __init__(self, envelope: Envelope, detail: str, trace_header: str | None = None) -> None:
        _parse(detail)
        super().__init__(envelope.render(minified(detail)), trace_header=trace_header)
        self.envelope = envelope

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "envelope": self.envelope}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.envelope = state.pop("envelope")
        super().__setstate__(state)

    def matchable(self) -> Event:
        """Return the event as patterns see it; MalformedDetail if it is nested too deep for that."""
        return _parse(self.body)

    def with_detail(self, detail: str) -> "BusEvent":
        """Return the same event around another detail."""
        return BusEvent(self.envelope, detail, self.trace_header)

    def with_id(self, event_id: str) -> "BusEvent":
        """Return the same event under another id, which its body has once, near the beginning."""
        again = BusEvent.__new__(BusEvent)
        again.envelope = replace(self.envelope, event_id=event_id)
        body = self.body.replace(self.envelope.event_id, event_id, 1)
        Text.__init__(again, body, trace_header=self.trace_header)
        return again

    def replayed(self, replay_name: str) -> "BusEvent":
        """Return the same event as a replay sends it again."""
        again = BusEvent.__new__(BusEvent)
        again.envelope = replace(self.envelope, replay_name=replay_name)
        Text.__init__(
            again, f'{self.body[:-1]},"replay-name":{_quote(replay_name)}}}', trace_header=self.trace_header
        )
        return again


def _parse(text: str) -> Event:
    try:
        return Event.from_json(text)
    except ValueError:
        raise MalformedDetail from None
