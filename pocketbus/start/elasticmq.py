"""ElasticMQ's configuration, as its users have it in elasticmq.conf."""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.start.seed import Seed, server_settings

_PORT, _STATISTICS_PORT = 9324, 9325
_SECONDS = {
    "defaultVisibilityTimeout": "VisibilityTimeout",
    "delay": "DelaySeconds",
    "receiveMessageWait": "ReceiveMessageWaitTimeSeconds",
}
_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600}
_UNITS |= {"d": 86_400, "day": 86_400}
_PARTS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
_DURATION = re.compile(r"([0-9.]+)\s*([a-z]*)")
_WITHOUT_EFFECT = ("auto-create-queues", "queues-storage", "messages-storage")


def recognises(content: Mapping[str, Any]) -> bool:
    queues = content.get("queues", {} if "rest-sqs" in content else None)
    return isinstance(queues, dict) and all(isinstance(one, dict) for one in queues.values())


def read(content: Mapping[str, Any], seed: Seed) -> None:
    for name, given in _section(content, "queues").items():
        _read_queue(name, given, content, seed)
    seed.settings = server_settings(_section(content, "aws"), "accountId", "region")
    seed.ports = [
        int(_section(content, "rest-sqs").get("bind-port", _PORT)),
        int(_section(content, "rest-stats").get("bind-port", _STATISTICS_PORT)),
    ]
    seed.notes += [
        f"{name} has no effect here"
        for name in _WITHOUT_EFFECT
        if _is_on(_section(content, name).get("enabled"))
    ]
    if _section(content, "rest-sqs").get("sqs-limits") == "relaxed":
        seed.notes.append("sqs-limits: AWS's limits hold")


def _section(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = content.get(name)
    return section if isinstance(section, dict) else {}


def _read_queue(name: str, given: Mapping[str, Any], content: Mapping[str, Any], seed: Seed) -> None:
    name = name.strip('"')
    fifo = _is_on(given.get("fifo"))
    attributes: dict[str, Any] = {
        attribute: _seconds(given[key]) for key, attribute in _SECONDS.items() if key in given
    }
    if fifo:
        attributes["FifoQueue"] = True
        attributes["ContentBasedDeduplication"] = _is_on(given.get("contentBasedDeduplication"))
    dead_letters = _section(given, "deadLettersQueue")
    if dead_letters:
        target = _fifo_name(str(dead_letters["name"]), fifo=fifo)
        attributes["RedrivePolicy"] = {
            "deadLetterTargetArn": target,
            "maxReceiveCount": dead_letters.get("maxReceiveCount", 3),
        }
        if dead_letters["name"] not in {one.strip('"') for one in content["queues"]}:
            seed.ask("queues", {"QueueName": target}, ("queues", name))
    parameters = {"QueueName": _fifo_name(name, fifo=fifo), "Attributes": attributes}
    tags = {key.strip('"'): str(value) for key, value in _section(given, "tags").items()}
    seed.ask("queues", parameters | ({"tags": tags} if tags else {}), ("queues", name))
    seed.notes += [f"{key} of {name} has no effect here" for key in ("copyTo", "moveTo") if key in given]


def _fifo_name(name: str, *, fifo: bool) -> str:
    return f"{name}.fifo" if fifo and not name.endswith(".fifo") else name


def _is_on(value: Any) -> bool:
    return str(value).lower() in {"true", "yes", "on"}


def _seconds(value: Any) -> int | str:
    """Read a duration; a number without a unit counts milliseconds, as HOCON has it. What is none is left to SQS."""
    if hasattr(value, "seconds"):
        # pyhocon gives a timedelta or, where dateutil is installed, a relativedelta, which has hours and minutes too.
        return int(sum(getattr(value, name, 0) * size for name, size in _PARTS.items()))
    match = _DURATION.fullmatch(str(value).strip())
    unit = match[2] if match and match[2] in _UNITS else match[2].removesuffix("s") if match else ""
    if match is None or (unit and unit not in _UNITS):
        return str(value)
    return int(float(match[1]) * _UNITS[unit or "ms"])
