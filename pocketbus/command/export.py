"""`pocketbus export`: the resources of a running server as a seed."""

import json
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from pocketbus.command.outcome import Outcome
from pocketbus.command.remote import Remote

_HEADING = "# Resources of a pocketbus server. Begin with them: pocketbus --init FILE\n\n"


def export(remote: Remote, options: Namespace) -> Outcome:
    resources = remote.control("GET", "resources")
    return Outcome(resources, text_of(resources, options.format or "toml").splitlines())


def text_of(resources: Mapping[str, Any], form: str) -> str:
    """Write resources as the text of a seed."""
    if form == "json":
        return json.dumps(resources, indent=2) + "\n"
    import tomli_w  # noqa: PLC0415 - only this needs it

    return _HEADING + tomli_w.dumps(resources, multiline_strings=True)
