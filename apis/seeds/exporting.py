"""Writes down what there is, as a seed that makes it again: without messages, and without what is as AWS makes it."""

import json
from base64 import b64encode
from collections.abc import Mapping
from math import isfinite
from typing import Any

from pocketbus.apis.awslambda.configuration import DEFAULTS as FUNCTION_DEFAULTS
from pocketbus.apis.seeds.names import Names, replaced
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Section
from pocketbus.apis.seeds.sections import SECTIONS
from pocketbus.emulator.buses.api_destination import INVOCATIONS_PER_SECOND
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.scope import Scope

DOCUMENTS = frozenset(
    {
        "ArchivePolicy",
        "DataProtectionPolicy",
        "DeliveryPolicy",
        "EventPattern",
        "FilterPolicy",
        "Pattern",
        "Policy",
        "PolicyDocument",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "ReplayPolicy",
    }
)
"""The parameters and attributes whose texts hold JSON, for which a seed may have a table."""

_DEFAULTS: dict[str, Any] = {
    "EventBusName": "default",
    "State": "ENABLED",
    "RetentionDays": 0,
    "DesiredState": "RUNNING",
    "InvocationRateLimitPerSecond": INVOCATIONS_PER_SECOND,
    "ActionAfterCompletion": "NONE",
    **FUNCTION_DEFAULTS,
    "Timeout": 3,
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 0,
    "Enabled": True,
}


def export_seed(engine: Engine) -> dict[str, list[Parameters]]:
    """Return the resources by section; each names its account and region where they are not the server's."""
    scopes = sorted(engine.scopes, key=lambda scope: (scope.account, scope.region))
    known = set(engine.resources)
    seed: dict[str, list[Parameters]] = {}
    for section in SECTIONS.values():
        entries = [
            {**_place(engine, scope), **entry}
            for scope in scopes
            for entry in _entries(section, engine, scope, Names(scope, known))
        ]
        if entries:
            seed[section.name] = entries
    return seed


def _place(engine: Engine, scope: Scope) -> Parameters:
    place = {"account": scope.account, "region": scope.region}
    own = {"account": engine.config.account, "region": engine.config.region}
    return {name: value for name, value in place.items() if value != own[name]}


def _entries(section: Section, engine: Engine, scope: Scope, names: Names) -> list[Parameters]:
    operations = Operations(engine, scope.account, scope.region)
    entries = []
    for key in sorted(section.keys(operations), key=lambda key: [str(key[name]) for name in section.key]):
        there = section.read(operations, key)
        if there is None:
            continue
        entry = _without_defaults(section, there, scope)
        if entry.keys() != {"Name"} or section.name != "buses" or entry["Name"] != "default":
            entries.append(_written(section, entry, names))
    return entries


def _without_defaults(section: Section, there: Parameters, scope: Scope) -> Parameters:
    """Leave out what a resource has that was made with its key alone."""
    kept = {name: value for name, value in there.items() if value != _DEFAULTS.get(name)}
    fresh = section.defaults or _fresh(section, there, scope)
    own = {name: text for name, text in kept.get("Attributes", {}).items() if text != fresh.get(name)}
    fifo = {name: text for name, text in there.get("Attributes", {}).items() if name.startswith("Fifo")}
    kept["Attributes"] = own | {name: text for name, text in fifo.items() if name in _FIFO}
    return (
        kept if kept["Attributes"] else {name: value for name, value in kept.items() if name != "Attributes"}
    )


_FIFO = frozenset({"FifoQueue", "FifoTopic"})
"""What says of which type a queue or topic is, and goes with its name."""


def _fresh(section: Section, there: Parameters, scope: Scope) -> Mapping[str, str]:
    """Return the attributes of a resource in an engine of its own of which nothing but type and name is said."""
    if not section.attributes:
        return {}
    operations = Operations(Engine(Config(seed=0)), scope.account, scope.region)
    key = {name: there[name] for name in section.key if name in there}
    fifo = {name: text for name, text in there.get("Attributes", {}).items() if name in _FIFO}
    section.make(operations, {**key, "Attributes": fifo})
    made = section.read(operations, key)
    return made["Attributes"] if made else {}


def _written(section: Section, entry: Parameters, names: Names) -> Parameters:
    written: Parameters = _with_tables(entry)
    for reference in section.references:

        def write(text: str, reference: Any = reference) -> str:
            return names.write(reference, text)

        written = replaced(written, reference, write)
    return written


def _with_tables(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {key: _with_tables(one, key) for key, one in value.items()}
        case list():
            return [_with_tables(one) for one in value]
        case str() if name in DOCUMENTS:
            return _table(value)
        case bytes():
            return b64encode(value).decode("ascii")
        case _:
            return value


def _table(text: str) -> Any:
    """Return what a JSON text says, if every format of seeds can say it."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return document if isinstance(document, dict) and _plain(document) else text


def _plain(value: Any) -> bool:
    match value:
        case dict():
            return all(map(_plain, value.values()))
        case list():
            return all(map(_plain, value))
        case float():
            return isfinite(value)
        case _:
            return value is not None
