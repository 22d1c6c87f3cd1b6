"""The same scenarios over every way into this server, and against moto, an oracle but not an authority."""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.apis.service import Service, snake_case
from pocketbus.apis.sns.operations import sns
from pocketbus.apis.sqs.operations import sqs
from tests.parity import (
    fan_out,
    routing,
    sns_platforms,
    sns_sms,
    sns_subscriptions,
    sns_topics,
    sns_unrivalled,
    sqs_batches,
    sqs_dead_letters,
    sqs_fifo,
    sqs_messages,
    sqs_move_tasks,
    sqs_permissions,
    sqs_queues,
)
from tests.parity.aws import Scenario, Transcript
from tests.parity.differ import comparable, differences
from tests.parity.query_model import write_query_model
from tests.parity.worlds import World, in_moto, in_process, over_http


def scenarios(*modules: ModuleType) -> dict[str, Scenario]:
    return {
        name: function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


COMPARED = scenarios(
    sqs_queues,
    sqs_messages,
    sqs_batches,
    sqs_fifo,
    sqs_permissions,
    sqs_dead_letters,
    fan_out,
    sns_topics,
    sns_subscriptions,
    sns_platforms,
    sns_sms,
)
SCENARIOS = COMPARED | scenarios(sqs_move_tasks, routing, sns_unrivalled)
KNOWN: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("differences.json").read_text(encoding="utf-8")
)

Play = Callable[[str, str], Transcript]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    folder = tmp_path_factory.mktemp("models")
    write_query_model(folder)
    with Emulator(seed=1) as emulator, ExitStack() as at_the_end:
        emulator.freeze()
        worlds = {
            "JSON in process": in_process(emulator),
            "JSON over HTTP": over_http(emulator, at_the_end),
            "moto": in_moto(),
        }
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_DATA_PATH", str(folder))
            worlds["query in process"] = in_process(emulator)
            worlds["query over HTTP"] = over_http(emulator, at_the_end)
        yield worlds


@pytest.fixture(scope="module")
def play(worlds: dict[str, World]) -> Play:
    """Play a scenario in a world and return its transcript; each pair is played once."""

    @cache
    def play(scenario: str, world: str) -> Transcript:
        with worlds[world]() as aws:
            SCENARIOS[scenario](aws)
        return aws.transcript

    return play


@pytest.mark.parametrize(
    ("world", "protocol"),
    [
        ("JSON in process", "json"),
        ("JSON over HTTP", "json"),
        ("query in process", "query"),
        ("query over HTTP", "query"),
    ],
)
def test_each_way_into_sqs_speaks_its_protocol(worlds: dict[str, World], world: str, protocol: str) -> None:
    with worlds[world]() as aws:
        assert aws.protocol_of("sqs") == protocol


@pytest.mark.parametrize("world", ["query in process", "JSON over HTTP", "query over HTTP"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_way_into_the_server_gives_the_same_answers(play: Play, scenario: str, world: str) -> None:
    one, other = play(scenario, "JSON in process"), play(scenario, world)
    if "query" in world:  # in which a list without items is no list
        one, other = comparable(one), comparable(other)

    assert differences(one, other) == {}


@pytest.mark.parametrize("scenario", COMPARED)
def test_the_answers_are_those_of_moto_but_for_the_known_differences(play: Play, scenario: str) -> None:
    here, moto = (comparable(play(scenario, world)) for world in ("JSON in process", "moto"))
    known = {step: (entry["here"], entry["moto"]) for step, entry in KNOWN.get(scenario, {}).items()}

    assert differences(here, moto) == known


def test_every_known_difference_belongs_to_a_scenario_and_names_what_decides_it() -> None:
    assert KNOWN.keys() <= COMPARED.keys()
    assert [
        path for entries in KNOWN.values() for path, entry in entries.items() if not entry["decided_by"]
    ] == []


@pytest.mark.parametrize(
    ("service", "never_succeed", "never_fail"),
    [
        (sqs, (), ()),
        # The token of a confirmation and the one-time password of the sandbox go where no operation shows them.
        (
            sns,
            ("ConfirmSubscription", "VerifySMSSandboxPhoneNumber"),
            ("GetSMSAttributes", "GetSMSSandboxAccountStatus"),
        ),
    ],
    ids=["sqs", "sns"],
)
def test_the_scenarios_cover_every_operation_that_is_implemented(
    play: Play, service: Service, never_succeed: tuple[str, ...], never_fail: tuple[str, ...]
) -> None:
    steps = [step for name in SCENARIOS for step in play(name, "JSON in process").values()]
    succeeded = {step["operation"] for step in steps if "result" in step}
    failed = {step["operation"] for step in steps if "error" in step}

    def wire_names(names: Iterable[str]) -> set[str]:
        return {f"{service.name}.{snake_case(name)}" for name in names}

    implemented = wire_names(service.coverage().implemented)
    assert implemented - succeeded == wire_names(never_succeed)
    assert implemented - failed == wire_names(never_fail)
