"""`pocketbus tail`: prints what happens in a running server, as it happens, one line for each record of its trace."""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from pocketbus.lines import line_of

_URL = "http://localhost:4566"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketbus tail",
        description="Print what happens to messages and events in a running server, as it happens: the emulator's "
        "time, what happened, where, to which id, and why. Ends with the server, or with Ctrl-C.",
        allow_abbrev=False,
    )
    parser.add_argument("--url", default=_URL, help="where the server is (default: %(default)s)")
    parser.add_argument(
        "--all", action="store_true", help="begin with what the server still knows of earlier"
    )
    parser.add_argument("--resource", help="only of this queue, topic, bus or rule: its ARN or its name")
    parser.add_argument("--verb", help="only what happened in this way, such as received or dead-lettered")
    parser.add_argument("--subject", help="only the story of the message or event with this id")
    parser.add_argument("--json", action="store_true", help="print the records as JSON, one a line")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Print until the server ends; return 1 where there is none, or it refuses."""
    options = _parser().parse_args(arguments)
    url = f"{options.url.rstrip('/')}/_pocketbus/trace/stream?{urlencode(_query(options))}"
    try:
        with urllib.request.urlopen(url) as stream:  # noqa: S310 - the user's own URL
            for record in _records(stream):
                _print(json.dumps(record) if options.json else line_of(record))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read our lines has gone; Python would complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except urllib.error.HTTPError as error:
        return _complain(f"{options.url} refuses: {_reason(error)}")
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return _complain(f"no server answers at {options.url}: {reason}")
    return 0


def _query(options: argparse.Namespace) -> dict[str, str]:
    given = {name: getattr(options, name) for name in ("resource", "verb", "subject")}
    return {name: value for name, value in given.items() if value} | ({"after": "0"} if options.all else {})


def _records(stream: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read server-sent events; `lost` ones tell how many records went by unseen."""
    kind = ""
    for line in stream:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            kind = value
        elif field == "data" and kind == "lost":
            _complain(f"{value} records were dropped before they could be shown")
        elif field == "data":
            yield json.loads(value)
        elif not field:
            kind = ""


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(reason: str) -> int:
    sys.stderr.write(f"pocketbus tail: {reason}\n")
    return 1
