"""A document of the right digest whose content is of wrong types is refused; a reset clears whatever is there."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.emulator.state.compiled import LEAVES
from pocketbus.emulator.state.document import StateError
from pocketbus.emulator.state.graph import class_of
from pocketbus.emulator.state.shapes import _checks_of
from pocketbus.emulator.state.text import digest_of
from tests.emulator.full import fill

WRONG = {"bytes": "eA=="}
"""No part of the state that has a type of its own is bytes, but code."""
FREE = {
    *(("Message", "content"), ("Deadline", "item"), ("Attribute", "value")),
    *(("RuleSettings", "schedule"), ("Target", "transform")),
    *(("ScheduleSettings", "instants"), ("ScheduleTarget", "request"), ("SubscriberTarget", "request")),
    *(("Stage", "request"), ("Notification", "_raw"), ("Notification", "_signatures")),
    ("Code", "zip_file"),
}
"""What may hold several classes, or anything; and what is made anew of the other attributes."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with Emulator(seed=7) as emulator:
        fill(emulator)
        return emulator.export_state()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        yield emulator


def one_of_each_class(document: dict[str, Any]) -> dict[str, int]:
    return {
        one["class"]: index for index, one in reversed(list(enumerate(document["objects"]))) if "class" in one
    }


def forged(document: dict[str, Any], index: int, name: str, value: Any) -> dict[str, Any]:
    objects = list(document["objects"])
    objects[index] = {**objects[index], "state": {**objects[index]["state"], name: value}}
    made = {**document, "objects": objects}
    return made | {"digest": digest_of(made)}


def test_every_attribute_of_a_wrong_type_is_refused_and_a_reset_works(
    emulator: Emulator, document: dict[str, Any]
) -> None:
    leaves = {leaf.__name__ for leaf in LEAVES}
    accepted = set()
    for name, index in one_of_each_class(document).items():
        for attribute in document["objects"][index]["state"] if name not in leaves else ():
            try:
                emulator.import_state(forged(document, index, attribute, WRONG))
            except StateError:
                continue
            accepted.add((name.rpartition(".")[2], attribute))
            emulator.reset()
            emulator.export_state()

    assert accepted <= FREE


def test_every_class_of_the_state_says_what_it_holds(document: dict[str, Any]) -> None:
    leaves = {leaf.__name__ for leaf in LEAVES}
    classes = {
        name for name, index in one_of_each_class(document).items() if document["objects"][index]["state"]
    }

    assert [name for name in sorted(classes - leaves) if not _checks_of(class_of(name))] == []


@pytest.mark.parametrize(
    "value", [5, "queues", None, [], {"map": {"orders": "5"}}, {"map": {"orders": WRONG}}]
)
@pytest.mark.parametrize("name", ["queues", "_queues_deleted_at"])
def test_a_scope_with_something_else_in_it_is_refused(
    emulator: Emulator, document: dict[str, Any], name: str, value: Any
) -> None:
    made = copy.deepcopy(document)
    made["scopes"][0]["services"]["sqs"][name] = value

    with pytest.raises(StateError):
        emulator.import_state(made | {"digest": digest_of(made)})


def test_a_reset_clears_what_cannot_be_closed(emulator: Emulator) -> None:
    emulator.client("sqs").create_queue(QueueName="orders")
    emulator.client("sqs").create_queue(QueueName="other")

    def damage(engine: Any) -> None:
        engine.resources["arn:aws:sqs:us-east-1:000000000000:orders"]._waiting = None  # noqa: SLF001

    for part in ({"service": "sqs"}, {}):
        emulator.call(damage)
        emulator.reset(**part)
        assert emulator.look("queues") == []
        emulator.client("sqs").create_queue(QueueName="orders")
