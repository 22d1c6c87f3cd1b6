"""The event as EventBridge passes it on: an envelope rendered once, the content that all its targets share."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.message import Text
from pocketbus.rules.event import MAX_DEPTH, Event

_quote: Final = encode_basestring
_STRING_OR_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\r\n]+')
_SPACE = re.compile(r"[ \t\r\n]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What EventBridge tells of an event beside its detail; `time` is ISO 8601 in UTC, to the second."""

    event_id: str
    detail_type: str
    source: str
    account: str
    time: str
    region: str
    resources: tuple[str, ...] = ()
    replay_name: str | None = None

    @property
    def at(self) -> float:
        """The event's time in epoch seconds."""
        return datetime.fromisoformat(self.time).timestamp()

    def render(self, detail: str) -> str:
        """Write the event around a detail in JSON.

        https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
        """
        resources = ",".join(map(_quote, self.resources))
        replay = "" if self.replay_name is None else f',"replay-name":{_quote(self.replay_name)}'
        return (
            f'{{"version":"0","id":"{self.event_id}","detail-type":{_quote(self.detail_type)},'
            f'"source":{_quote(self.source)},"account":{_quote(self.account)},"time":"{self.time}",'
            f'"region":{_quote(self.region)},"resources":[{resources}],"detail":{detail}{replay}}}'
        )

    def around(self, detail: Event) -> Event:
        """Return the event around a detail as patterns see it."""
        replay = {} if self.replay_name is None else {"replay-name": self.replay_name}
        return Event.from_value(
            {
                "version": "0",
                "id": self.event_id,
                "detail-type": self.detail_type,
                "source": self.source,
                "account": self.account,
                "time": self.time,
                "region": self.region,
                "resources": self.resources,
                "detail": detail.root,
                **replay,
            }
        )


class BusEvent(Text):
    """An event on its way: its body is the whole event in JSON. MalformedDetail if the detail is no JSON object."""

    __slots__ = ("_matchable", "envelope")

    def __init__(self, envelope: Envelope, detail: str, trace_header: str | None = None) -> None:
        # The event around it is one deeper.
        parsed = _parse(detail, MAX_DEPTH - 1)
        super().__init__(envelope.render(minified(detail)), trace_header=trace_header)
        self.envelope = envelope
        self._matchable: Event | None = envelope.around(parsed)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "envelope": self.envelope}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.envelope = state.pop("envelope")
        self._matchable = None
        super().__setstate__(state)

    def matchable(self) -> Event:
        """Return the event as patterns see it.

        What was read of it when it came is given to the first who asks, and not kept where the event lasts.
        """
        matchable, self._matchable = self._matchable, None
        return matchable or _parse(self.body)

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


def minified(text: str) -> str:
    """Leave out the white space between a JSON text's tokens and nothing else, so that numbers stay as written."""
    if not _SPACE.search(text):
        return text
    if "\\" in text:
        return "".join(_STRING_OR_TOKENS.findall(text))
    # Every quote begins or ends a string, and what is between two of them by turns outside and inside of one.
    parts = text.split('"')
    parts[::2] = ["".join(part.split()) for part in parts[::2]]
    return '"'.join(parts)


def iso_time(at: float) -> str:
    """Write an instant in epoch seconds as EventBridge does, to the second."""
    return _iso_second(int(at // 1))


@lru_cache(maxsize=16)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
