"""The envelope around an event's detail, as every bus of EventBridge writes it."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final

from msgspec import Struct

from pocketbus.rules.event import Event

_quote: Final = encode_basestring
_STRING_OR_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\r\n]+')


class Envelope(Struct, frozen=True):
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
        resources = ",".join(map(_quote, self.resources)) if self.resources else ""
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


def minified(text: str) -> str:
    """Leave out the white space between a JSON text's tokens and nothing else, so that numbers stay as written."""
    if " " not in text and "\n" not in text and "\t" not in text and "\r" not in text:
        return text
    if "\\" in text:
        return "".join(_STRING_OR_TOKENS.findall(text))
    # Every quote begins or ends a string, and what is between two of them by turns outside and inside of one.
    parts = text.split('"')
    outside = '"'.join(parts[::2])
    parts[::2] = "".join(outside.split()).split('"')
    return '"'.join(parts)


def iso_time(at: float) -> str:
    """Write an instant in epoch seconds as EventBridge does, to the second."""
    return _iso_second(int(at // 1))


@lru_cache(maxsize=16)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
