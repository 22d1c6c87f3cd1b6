"""The records of the trace as people read them, one line each."""

from typing import Any

from pocketbus.emulator.time.duration import iso

_VERB_WIDTH, _NAME_WIDTH = 13, 24


def line_of(record: dict[str, Any]) -> str:
    """Write one record for people: names without the rest of their ARNs."""
    became = f" -> {record['became']}" if record["became"] else ""
    why = f"  {record['why']}" if record["why"] else ""
    verb, name = record["verb"].ljust(_VERB_WIDTH), _name(record["resource"]).ljust(_NAME_WIDTH)
    return f"{iso(record['at'])}  {verb} {name} {record['subject']}{became}{why}".rstrip()


def _name(arn: str) -> str:
    """Return the name in an ARN; a subscription's is its topic's and its own."""
    return arn.split(":", 5)[-1] if arn.startswith("arn:") else arn
