"""The event as EventBridge passes it on: its envelope rendered once, the content that all its targets share."""

from json.encoder import encode_basestring
from typing import Any, Final

from msgspec.structs import replace

from pocketbus.emulator.envelope import Envelope, minified
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.message import Text
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
