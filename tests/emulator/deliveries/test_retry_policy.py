"""Retry policies: which delay follows the n-th failure, and when there is no further attempt."""

import pytest

from pocketbus.emulator.buses.target import RetryPolicy as EventRetryPolicy
from pocketbus.emulator.deliveries.retry_policy import (
    MAXIMUM_AGE,
    MAXIMUM_RETRIES,
    TO_AWS_SERVICES,
    TO_PEOPLE,
    Exhausted,
    PhasedRetries,
    RetryPolicy,
)


def delays(policy: RetryPolicy) -> list[float]:
    """Return all delays to the end of the policy, at an age that no lifetime excludes."""
    found: list[float] = []
    while not isinstance(delay := policy.delay_after(len(found) + 1, 0, 0.5), Exhausted):
        found.append(delay)
    return found


def test_the_phases_follow_one_another() -> None:
    policy = PhasedRetries(
        immediate=2, pre_backoff=1, backoff=3, post_backoff=2, least_seconds=10, greatest_seconds=30
    )

    assert delays(policy) == [0, 0, 10, 10, 20, 30, 30, 30]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("linear", [1, 6, 11, 16]),
        ("arithmetic", [1, 3.5, 8.5, 16]),
        ("geometric", [1, 2.52, 6.35, 16]),
        ("exponential", [1, 3.143, 7.429, 16]),
    ],
)
def test_each_function_leads_from_the_least_to_the_greatest_delay(
    function: str, expected: list[float]
) -> None:
    policy = PhasedRetries(backoff=4, least_seconds=1, greatest_seconds=16, function=function)

    assert delays(policy) == pytest.approx(expected, abs=0.001)


def test_a_backoff_of_one_retry_has_the_least_delay() -> None:
    assert delays(PhasedRetries(backoff=1, least_seconds=5, greatest_seconds=60)) == [5]


def test_aws_services_are_tried_for_23_days() -> None:
    found = delays(TO_AWS_SERVICES)

    assert len(found) == 100_015
    assert sum(found) / 86_400 == pytest.approx(23.15, abs=0.01)


def test_people_are_tried_for_6_hours() -> None:
    found = delays(TO_PEOPLE)

    assert len(found) == 50
    assert sum(found) / 3600 == pytest.approx(6.7, abs=0.1)


def test_events_are_retried_185_times_unless_told_otherwise() -> None:
    assert len(delays(EventRetryPolicy())) == 185
    assert len(delays(EventRetryPolicy(maximum_attempts=2))) == 2


def test_the_delays_of_events_double_to_ten_minutes_with_half_of_each_by_chance() -> None:
    policy = EventRetryPolicy()

    for failures, most in ((1, 1), (2, 2), (5, 16), (10, 512), (11, 600), (185, 600)):
        assert [policy.delay_after(failures, 0, chance) for chance in (0, 0.5)] == [most / 2, most * 3 / 4]


def test_the_end_names_the_limit_that_was_reached() -> None:
    policy = EventRetryPolicy(maximum_attempts=1, maximum_event_age_seconds=60)

    assert policy.delay_after(2, 0, 0.5) == MAXIMUM_RETRIES == Exhausted("MaximumRetryAttempts")
    assert policy.delay_after(1, 60, 0.5) == MAXIMUM_AGE == Exhausted("MaximumEventAgeInSeconds")


def test_an_event_is_a_day_old_at_most_unless_told_otherwise() -> None:
    assert EventRetryPolicy().delay_after(1, 86_400, 0.5) == MAXIMUM_AGE
