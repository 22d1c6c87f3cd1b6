"""One input of a journal with what it has brought about, and which of them somebody wants to see."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

from pocketbus.emulator.inspection.trace import Record as Happening
from pocketbus.journal.record import Record


class Step(NamedTuple):
    """One input, and what the trace tells of it."""

    position: int
    record: Record
    happened: list[Happening]

    def concerns(self, message_id: str) -> bool:
        """Tell whether a message or event had a part in it."""
        return any(message_id in (one.subject, one.became) for one in self.happened)

    def is_of_account(self, account: str) -> bool:
        """Tell whether an account asked for it, or something of the account had a part in it."""
        place = self.record.place
        asked = place is not None and place.account == account
        return asked or any(f":{account}:" in one.resource for one in self.happened)

    def names(self, resource: str) -> bool:
        """Tell whether a resource, by its name, ARN or URL, was named by it or had a part in it."""
        named = (*_texts(self.record.arguments), *(one.resource for one in self.happened))
        return any(text == resource or text.endswith((f"/{resource}", f":{resource}")) for text in named)

    def as_data(self) -> dict[str, Any]:
        """Return it for JSON, with texts in the place of bytes, in base64."""
        record = self.record
        return {
            "position": self.position,
            "at": record.at,
            "account": record.place and record.place.account,
            "region": record.place and record.place.region,
            "name": record.name,
            "arguments": [readable(one) for one in record.arguments],
            "happened": [one._asdict() for one in self.happened],
        }


class Selection(NamedTuple):
    """Which steps are wanted; what is None is not limited."""

    account: str | None = None
    resource: str | None = None
    message: str | None = None
    since: float | None = None
    after: int | None = None

    def wants(self, step: Step) -> bool:
        return (
            (self.account is None or step.is_of_account(self.account))
            and (self.resource is None or step.names(self.resource))
            and (self.message is None or step.concerns(self.message))
            and (self.since is None or step.record.at >= self.since)
            and (self.after is None or step.position > self.after)
        )


def readable(value: Any) -> Any:
    """Return a value with texts in the place of bytes, in base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {name: readable(one) for name, one in value.items()}
    return [readable(one) for one in value] if isinstance(value, list | tuple) else value


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in arguments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
