"""The init.json of fauxqs."""

from collections.abc import Mapping
from typing import Any

from pocketbus.start.seed import Seed, server_settings

Given = Mapping[str, Any]


def recognises(content: Given) -> bool:
    named = _tables(content, "queues") + _tables(content, "topics")
    return any("name" in one for one in named) or any(
        "topic" in one and "queue" in one for one in _tables(content, "subscriptions")
    )


def _tables(content: Given, name: str) -> list[Given]:
    listed = content.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def read(content: Given, seed: Seed) -> None:
    for section, given, path in _listed(content, "queues", "topics"):
        is_queue = section == "queues"
        attributes = dict(given.get("attributes") or {})
        if given["name"].endswith(".fifo"):
            attributes["FifoQueue" if is_queue else "FifoTopic"] = "true"
        tags = given.get("tags") or {}
        _ask(
            seed,
            section,
            {
                "QueueName" if is_queue else "Name": given["name"],
                "Attributes": attributes,
                "tags" if is_queue else "Tags": tags if is_queue else _listed_tags(tags),
            },
            given,
            path,
        )
    for section, given, path in _listed(content, "subscriptions"):
        parameters = {
            "TopicArn": given["topic"],
            "Protocol": "sqs",
            "Endpoint": given["queue"],
            "Attributes": given.get("attributes") or {},
        }
        _ask(seed, section, parameters, given, path)
    seed.settings = server_settings(content, "account", "region")
    known = {"queues", "topics", "subscriptions", "account", "region"}
    seed.notes += [f"{name} are not here" for name in content if name not in known]


def _listed(content: Given, *sections: str) -> list[tuple[str, Given, tuple[str | int, ...]]]:
    return [
        (section, given, (section, index))
        for section in sections
        for index, given in enumerate(content.get(section) or ())
    ]


def _listed_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _ask(
    seed: Seed, section: str, parameters: dict[str, Any], given: Given, path: tuple[str | int, ...]
) -> None:
    given_parameters = {name: value for name, value in parameters.items() if value}
    seed.ask(section, given_parameters, path, region=given.get("region"))
