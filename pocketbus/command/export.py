"""`pocketbus export`: writes the resources of a running server as a seed."""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

_VARIABLES = ("POCKETBUS_URL", "AWS_ENDPOINT_URL")
_URL = "http://localhost:4566"
_HEADING = "# Resources of a pocketbus server. Begin with them: pocketbus --init FILE\n\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketbus export",
        description="Write the queues, topics, subscriptions, buses, rules and targets of a running server, without "
        "messages, as a file that `pocketbus --init FILE` begins with.",
        epilog="example:\n  pocketbus export --format toml > resources.toml",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--format", choices=("toml", "json"), default="toml", help="default: %(default)s")
    url = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), _URL)
    parser.add_argument(
        "--url",
        default=url,
        help=f"where the server is (environment: {' or '.join(_VARIABLES)}; default: {_URL})",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Write to standard output; return 1 where no server answers."""
    options = _parser().parse_args(arguments)
    try:
        with urllib.request.urlopen(f"{options.url.rstrip('/')}/_pocketbus/resources") as answer:  # noqa: S310
            resources = json.load(answer)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        sys.stderr.write(f"pocketbus export: no server answers at {options.url}: {reason}\n")
        return 1
    sys.stdout.write(text_of(resources, options.format))
    return 0


def text_of(resources: Mapping[str, Any], form: str) -> str:
    """Write resources as the text of a seed."""
    if form == "json":
        return json.dumps(resources, indent=2) + "\n"
    import tomli_w  # noqa: PLC0415 - only this needs it

    return _HEADING + tomli_w.dumps(resources, multiline_strings=True)
