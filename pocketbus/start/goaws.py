"""GoAws' configuration, as its users have it in goaws.yaml: the environment `Local`, or the first."""

from collections.abc import Mapping
from typing import Any

from pocketbus.start.seed import Seed, server_settings

_PORT = 4100
_WITHOUT_EFFECT = ("EnableDuplicates", "RandomLatency", "LogToFile")
_OWN = frozenset({"Name"})
_MARKS = frozenset({"Queues", "Topics", "QueueAttributeDefaults"})

Given = Mapping[str, Any]


def recognises(content: Given) -> bool:
    return any(isinstance(one, dict) and _MARKS & one.keys() for one in content.values())


def read(content: Given, seed: Seed) -> None:
    name = "Local" if "Local" in content else next(iter(content))
    given: Given = content[name] or {}
    seed.settings = server_settings(given, "AccountId", "Region")
    seed.ports = [int(given.get("Port", _PORT))]
    seed.notes += [f"{key} has no effect here" for key in _WITHOUT_EFFECT if _is_set(given.get(key))]
    seed.notes += [f"the environment {other} is not used, {name} is" for other in content if other != name]
    _read_queues(given, seed, (name,))
    for index, topic in enumerate(given.get("Topics") or ()):
        _read_topic(topic, given, seed, (name, "Topics", index))


def _is_set(value: Any) -> bool:
    return any(value.values()) if isinstance(value, dict) else bool(value)


def _read_queues(given: Given, seed: Seed, path: tuple[str | int, ...]) -> None:
    defaults = given.get("QueueAttributeDefaults") or {}
    for index, queue in enumerate(given.get("Queues") or ()):
        attributes = {**defaults, **{name: value for name, value in queue.items() if name not in _OWN}}
        _ask_for_queue(queue["Name"], attributes, seed, (*path, "Queues", index))


def _ask_for_queue(name: str, attributes: Given, seed: Seed, path: tuple[str | int, ...]) -> None:
    fifo = {"FifoQueue": True} if name.endswith(".fifo") else {}
    seed.ask("queues", {"QueueName": name, "Attributes": {**attributes, **fifo}}, path)


def _read_topic(topic: Given, given: Given, seed: Seed, path: tuple[str | int, ...]) -> None:
    fifo = {"Attributes": {"FifoTopic": True}} if topic["Name"].endswith(".fifo") else {}
    seed.ask("topics", {"Name": topic["Name"], **fifo}, path)
    queues = {queue["Name"] for queue in given.get("Queues") or ()}
    for index, one in enumerate(topic.get("Subscriptions") or ()):
        where = (*path, "Subscriptions", index)
        if "QueueName" in one and one["QueueName"] not in queues:
            _ask_for_queue(one["QueueName"], given.get("QueueAttributeDefaults") or {}, seed, where)
        _ask_for_subscription(topic["Name"], one, seed, where)


def _ask_for_subscription(topic: str, one: Given, seed: Seed, path: tuple[str | int, ...]) -> None:
    attributes: dict[str, Any] = {"RawMessageDelivery": True} if one.get("Raw") else {}
    if one.get("FilterPolicy"):
        attributes["FilterPolicy"] = one["FilterPolicy"]
    seed.ask(
        "subscriptions",
        {
            "TopicArn": topic,
            "Protocol": "sqs" if "QueueName" in one else one.get("Protocol", "https"),
            "Endpoint": one.get("QueueName") or one.get("EndPoint", ""),
            "Attributes": attributes,
        },
        path,
    )
