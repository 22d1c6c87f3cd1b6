"""The envelope around an event's detail, as every bus of EventBridge writes it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

_quote = json.JSONEncoder(ensure_ascii=False).encode
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


def minified(text: str) -> str:
    """Leave out the white space between a JSON text's tokens and nothing else, so that numbers stay as written."""
    return "".join(_STRING_OR_TOKENS.findall(text)) if _SPACE.search(text) else text


def iso_time(at: float) -> str:
    """Write an instant in epoch seconds as EventBridge does, to the second."""
    return datetime.fromtimestamp(int(at // 1), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
