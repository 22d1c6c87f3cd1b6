"""A rule's target over a network that fails: every retry at its due instant, then the dead letter, without sleeping."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:orders"
RULE = "arn:aws:events:us-east-1:000000000000:rule/r"


def reasons(message: Any) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_a_failing_target_is_retried_as_told_then_its_event_is_a_dead_letter(
    api: Any, make_world: Callable[..., Any], put_target: Callable[..., None]
) -> None:
    world = make_world(lambda_urls={"": api.url})
    put_target(world, FUNCTION, RetryPolicy={"MaximumRetryAttempts": 4})
    api.statuses = [500]

    world.put_event()
    world.emulator.advance(3600)

    attempts = world.attempts()
    waits = [later - earlier for earlier, later in pairwise(attempts)]
    assert attempts[0] == 0
    assert all(most / 2 <= wait <= most for wait, most in zip(waits, [1, 2, 4, 8], strict=True))
    (letter,) = world.dead_letters()
    assert json.loads(letter["Body"])["detail"] == {"n": 1}
    assert reasons(letter) == {
        "RULE_ARN": RULE,
        "TARGET_ARN": FUNCTION,
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "HTTP 500",
        "RETRY_ATTEMPTS": "4",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }


def test_an_event_that_is_too_old_is_a_dead_letter(
    api: Any, make_world: Callable[..., Any], put_target: Callable[..., None]
) -> None:
    world = make_world(lambda_urls={"": api.url})
    put_target(world, FUNCTION, RetryPolicy={"MaximumEventAgeInSeconds": 60})
    api.statuses = [429]

    world.put_event()
    world.emulator.advance(60)

    assert max(world.attempts()) <= 60
    (letter,) = world.dead_letters()
    assert reasons(letter)["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert reasons(letter)["ERROR_CODE"] == "THROTTLING"
    assert reasons(letter)["RETRY_ATTEMPTS"] == str(len(world.attempts()) - 1)


def test_by_default_a_day_of_retries_passes_at_once(
    api: Any, make_world: Callable[..., Any], put_target: Callable[..., None]
) -> None:
    world = make_world(lambda_urls={"": "http://127.0.0.1:1"})
    put_target(world, FUNCTION)

    world.put_event()
    world.emulator.advance(86_400)

    attempts = world.attempts()
    assert 150 < len(attempts) <= 186
    assert max(attempts) <= 86_400
    (letter,) = world.dead_letters()
    assert reasons(letter)["ERROR_CODE"] == "CONNECTION_FAILURE"


def test_the_same_seed_retries_at_the_same_instants(
    make_world: Callable[..., Any], put_target: Callable[..., None]
) -> None:
    found = []
    for _ in range(2):
        world = make_world(lambda_urls={"": "http://127.0.0.1:1"})
        put_target(world, FUNCTION, RetryPolicy={"MaximumRetryAttempts": 5})
        world.put_event()
        world.emulator.advance(600)
        found.append(world.attempts())

    assert found[0] == found[1]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_a_dead_letter_at_once(
    api: Any, make_world: Callable[..., Any], put_target: Callable[..., None], status: int
) -> None:
    world = make_world(lambda_urls={"": api.url})
    put_target(world, FUNCTION)
    api.statuses = [status]

    world.put_event()

    (letter,) = world.dead_letters()
    assert reasons(letter)["RETRY_ATTEMPTS"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in reasons(letter)


def test_a_function_gets_the_event_or_what_the_target_makes_of_it(
    make_world: Callable[..., Any], put_target: Callable[..., None]
) -> None:
    world, seen = make_world(), []
    world.emulator.on_lambda("orders", lambda event, _context: seen.append(event))

    put_target(world, FUNCTION)
    world.put_event()
    put_target(world, FUNCTION, InputPath="$.detail")
    world.put_event()

    assert seen[0]["detail-type"] == "Order"
    assert seen[1] == {"n": 1}
