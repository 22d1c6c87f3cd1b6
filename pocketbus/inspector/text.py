"""How things are written on the page: names, instants, bodies. All of it is plain text; the templates escape it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pocketbus.emulator.time.duration import iso

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))
_KINDS = {"sqs": "queue", "sns": "topic", "lambda": "function"}
_SCANNED, _FIRST_LINE = 2000, 160
_SHOWN_BODY = 65_536
"""Characters of a body that are shown; the whole of it is to be had from the control paths."""


def name_of(arn: str) -> str:
    """Return what people call a resource: the end of its ARN."""
    if not arn.startswith("arn:"):
        return arn
    resource = arn.split(":", 5)[-1]
    return resource.split("/", 1)[-1] if "/" in resource else resource


def kind_of(arn: str) -> str:
    """Return what kind of resource an ARN names, or where else something goes."""
    parts = arn.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return "endpoint"
    service, resource = parts[2], parts[5]
    if service == "events":
        return resource.split("/")[0].replace("event-bus", "event bus")
    if service == "sns" and ":" in resource:
        return "subscription"
    if resource.startswith("event-source-mapping:"):
        return "mapping"
    return _KINDS.get(service, service)


def account_of(arn: str) -> str:
    """Return an ARN's account and region."""
    parts = arn.split(":")
    return f"{parts[4]}, {parts[3]}" if len(parts) > 5 else ""


def age(seconds: float | None) -> str:
    """Write a duration in its two largest units."""
    if seconds is None:
        return "-"
    whole = max(0, int(seconds))
    parts: list[str] = []
    for size, unit in _UNITS:
        count, whole = divmod(whole, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join([*parts, f"{whole} s"][:2])


def instant(at: float | None) -> str:
    return "-" if at is None else iso(at)


def first_line(body: str) -> str:
    """Write the beginning of a body on one line, however it is broken into lines."""
    line = " ".join(body[:_SCANNED].split())
    return line if len(line) <= _FIRST_LINE else f"{line[:_FIRST_LINE]}..."


def pretty(body: str) -> str:
    """Write a JSON text with indentation, anything else as it is; only the beginning of what is long."""
    if len(body) <= _SHOWN_BODY:
        read = parsed(body)
        if isinstance(read, dict | list):
            body = json.dumps(read, indent=2, ensure_ascii=False)
    return shown(body)


def shown(body: str) -> str:
    if len(body) <= _SHOWN_BODY:
        return body
    return f"{body[:_SHOWN_BODY]}\n... ({len(body) - _SHOWN_BODY:,} more characters)"


def parsed(text: str) -> Any:
    """Read JSON; None for what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class Layer(NamedTuple):
    """One envelope of a message: what it is, what it says about what is in it, and that as a text."""

    what: str
    about: dict[str, str]
    text: str


def layers(body: str) -> list[Layer]:
    """Take the envelopes of SNS and EventBridge off, the outermost first; the last layer is the content."""
    found = []
    while len(body) <= _SHOWN_BODY and isinstance(read := parsed(body), dict):
        if read.get("Type") == "Notification" and isinstance(read.get("Message"), str):
            found.append(Layer("SNS notification", _about(read, ("TopicArn", "Subject", "Timestamp")), body))
            body = read["Message"]
        elif {"detail-type", "source", "detail"} <= read.keys():
            found.append(Layer("EventBridge event", _about(read, ("detail-type", "source", "time")), body))
            body = json.dumps(read["detail"], ensure_ascii=False)
        else:
            break
    return [*found, Layer("Content", {}, body)]


def _about(read: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(read[name]) for name in names if read.get(name)}


class Line(NamedTuple):
    text: str
    marked: bool


def marked(value: Any, path: str) -> list[Line]:
    """Write JSON in lines; those of the key at a path, or of the nearest above it that is there, are marked."""
    return list(_Marked(_nearest(value, path)).lines(value))


def _nearest(value: Any, path: str) -> str:
    """Cut a path down to what the value has of it. Arrays have no part in paths."""
    kept: list[str] = []
    rest = path
    while rest and (pair := next(_next_keys(value, rest), None)) is not None:
        key, value = pair
        kept.append(key)
        rest = rest[len(key) + 1 :]
    return ".".join(kept)


def _next_keys(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for element in value:
            yield from _next_keys(element, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if path == key or path.startswith(f"{key}."):
                yield key, inner


class _Marked:
    def __init__(self, path: str) -> None:
        self._path = path

    def lines(
        self, value: Any, path: str = "", indent: str = "", before: str = "", after: str = ""
    ) -> Iterator[Line]:
        is_marked = bool(self._path) and path == self._path
        if isinstance(value, dict) and value:
            yield Line(f"{indent}{before}{{", is_marked)
            last = len(value) - 1
            for number, (key, inner) in enumerate(value.items()):
                name = f"{json.dumps(key, ensure_ascii=False)}: "
                below = f"{path}.{key}" if path else key
                yield from self.lines(inner, below, f"{indent}  ", name, "," if number < last else "")
            yield Line(f"{indent}}}{after}", is_marked)
        elif isinstance(value, list) and value:
            yield Line(f"{indent}{before}[", is_marked)
            for number, inner in enumerate(value):
                comma = "," if number < len(value) - 1 else ""
                yield from self.lines(inner, path, f"{indent}  ", "", comma)
            yield Line(f"{indent}]{after}", is_marked)
        else:
            yield Line(f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}", is_marked)


FILTERS = {
    "name": name_of,
    "kind": kind_of,
    "account": account_of,
    "age": age,
    "instant": instant,
    "first_line": first_line,
    "pretty": pretty,
    "shown": shown,
}
