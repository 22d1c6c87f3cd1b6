"""`pocketbus tail`: prints what happens in a running server, as it happens, one line for each record of its trace."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from typing import Any

from pocketbus.command.outcome import Stream
from pocketbus.command.remote import Remote
from pocketbus.lines import line_of

_SELECTING = ("resource", "verb", "subject")


def tail(remote: Remote, options: Namespace) -> Stream:
    """Return the records until the server ends; standard error is told what is watched."""
    given = {name: getattr(options, name) for name in _SELECTING if getattr(options, name)}
    return Stream(_items(remote, given, {"after": "0"} if options.all else {}))


def _items(remote: Remote, selecting: dict[str, str], since: dict[str, str]) -> Iterator[tuple[Any, str]]:
    with remote.stream("trace/stream", selecting | since) as stream:
        _say(f"watching {remote.url}{''.join(f', {name} {value}' for name, value in selecting.items())}")
        for record in _records(stream):
            if remote.covers(record["resource"]):
                yield record, line_of(record)


def _records(stream: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read server-sent events; `lost` ones tell how many records went by unseen."""
    kind = ""
    for line in stream:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            kind = value
        elif field == "data" and kind == "lost":
            _say(f"{value} records were dropped before they could be shown")
        elif field == "data":
            yield json.loads(value)
        elif not field:
            kind = ""


def _say(what: str) -> None:
    sys.stderr.write(f"pocketbus tail: {what}\n")
