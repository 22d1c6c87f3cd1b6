"""Replays on the wire: the window, the chosen rules, the order, the progress and the end."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
ARCHIVE = "arn:aws:events:us-east-1:000000000000:archive/kept"
REPLAY = "arn:aws:events:us-east-1:000000000000:replay/again"
ORDERS = '{"source": ["shop"]}'
HOUR = 3600


@pytest.fixture
def events(world: Any) -> Any:
    """EventBridge with an archive of its default bus."""
    world.events.create_archive(ArchiveName="kept", EventSourceArn=BUS)
    return world.events


def put(events: Any, *numbers: int, **members: Any) -> None:
    entries = [
        {"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"n": number}), **members}
        for number in numbers
    ]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0


def route(world: Any, name: str, pattern: str = ORDERS) -> str:
    """Send what matches into a new queue; return its URL."""
    url, arn = world.queue(name)
    world.events.put_rule(Name=name, EventPattern=pattern)
    world.events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    return str(url)


def start(world: Any, name: str = "again", **members: Any) -> dict[str, Any]:
    arguments = {
        "ReplayName": name,
        "EventSourceArn": ARCHIVE,
        "EventStartTime": world.NOW,
        "EventEndTime": world.NOW + HOUR,
        "Destination": {"Arn": BUS},
        **members,
    }
    answer: dict[str, Any] = world.events.start_replay(**arguments)
    return answer


def numbers(world: Any, url: str) -> list[int]:
    return [json.loads(body)["detail"]["n"] for body in world.bodies(url)]


def test_one_hour_of_archived_events_is_replayed_into_a_new_queue(world: Any, events: Any) -> None:
    put(events, -1, Time=world.NOW - 1)
    for minute in range(60):
        put(events, minute)
        world.emulator.advance(60)
    put(events, 60)
    url = route(world, "new")

    start(world)
    world.emulator.advance(60)

    assert numbers(world, url) == list(range(60))


def test_a_replayed_event_is_the_one_that_was_archived_with_the_name_of_the_replay(
    world: Any, events: Any
) -> None:
    url = route(world, "new")
    put(events, 1, Resources=["arn:aws:s3:::bucket"])
    (first,) = world.bodies(url)
    world.emulator.advance(10)

    start(world)
    world.emulator.advance(1)

    (again,) = world.bodies(url)
    assert again == first[:-1] + ',"replay-name":"again"}'


def test_a_replay_goes_by_the_time_in_the_event_and_not_by_its_arrival(world: Any, events: Any) -> None:
    put(events, 2, Time=world.NOW + 120)
    put(events, 1, Time=world.NOW + 60)
    put(events, 3, Time=world.NOW + HOUR)
    url = route(world, "new")

    start(world)
    world.emulator.advance(1)

    assert numbers(world, url) == [1, 2]


def test_a_replay_is_for_the_chosen_rules_only(world: Any, events: Any) -> None:
    put(events, 1)
    chosen, other = route(world, "chosen"), route(world, "other")

    start(
        world,
        Destination={"Arn": BUS, "FilterArns": ["arn:aws:events:us-east-1:000000000000:rule/chosen"]},
    )
    world.emulator.advance(1)

    assert (numbers(world, chosen), numbers(world, other)) == ([1], [])


def test_a_rule_can_tell_replayed_events_from_others(world: Any, events: Any) -> None:
    fresh = route(world, "fresh", '{"replay-name": [{"exists": false}]}')
    again = route(world, "again", '{"replay-name": ["again"]}')
    put(events, 1)

    start(world)
    world.emulator.advance(1)

    assert (numbers(world, fresh), numbers(world, again)) == ([1], [1])


def test_replayed_events_are_not_archived_again(world: Any, events: Any) -> None:
    put(events, 1)

    start(world)
    world.emulator.advance(1)

    assert events.describe_archive(ArchiveName="kept")["EventCount"] == 1


def test_a_replay_starts_runs_and_completes(world: Any, events: Any) -> None:
    put(events, 1, Time=world.NOW)
    put(events, 2, Time=world.NOW + 60)

    answer = start(world, Description="once more")
    states = []
    for seconds in (0.5, 0.01, 0.01):
        states.append(events.describe_replay(ReplayName="again")["State"])
        world.emulator.advance(seconds)
    found = events.describe_replay(ReplayName="again")

    assert (answer["ReplayArn"], answer["State"]) == (REPLAY, "STARTING")
    assert states == ["STARTING", "RUNNING", "RUNNING"]
    assert (found["State"], found["Description"]) == ("COMPLETED", "once more")
    assert (found["EventSourceArn"], found["Destination"]) == (ARCHIVE, {"Arn": BUS})
    assert found["EventLastReplayedTime"].timestamp() == world.NOW + 60
    assert found["ReplayStartTime"].timestamp() == world.NOW
    assert found["ReplayEndTime"].timestamp() == pytest.approx(world.NOW + 0.52)


def test_the_progress_of_a_replay_is_the_time_of_its_last_event(world: Any, events: Any) -> None:
    put(events, 1, Time=world.NOW + 30)
    put(events, 2, Time=world.NOW + 90)

    start(world)
    world.emulator.advance(0.5)
    found = events.describe_replay(ReplayName="again")

    assert (found["State"], found["EventLastReplayedTime"].timestamp()) == ("RUNNING", world.NOW + 30)


def test_a_cancelled_replay_sends_nothing_more(world: Any, events: Any) -> None:
    put(events, 1, Time=world.NOW)
    put(events, 2, Time=world.NOW + 60)
    url = route(world, "new")
    start(world)
    world.emulator.advance(0.5)

    answer = events.cancel_replay(ReplayName="again")
    world.emulator.advance(60)

    assert (answer["ReplayArn"], answer["State"]) == (REPLAY, "CANCELLING")
    assert events.describe_replay(ReplayName="again")["State"] == "CANCELLED"
    assert numbers(world, url) == [1]


def test_a_replay_that_is_over_cannot_be_cancelled(world: Any, events: Any) -> None:
    start(world)
    world.emulator.advance(1)

    with refused("IllegalStatusException", "Replay again is not in a valid state for this operation."):
        events.cancel_replay(ReplayName="again")


def test_a_replay_whose_bus_is_deleted_fails(world: Any) -> None:
    bus = world.events.create_event_bus(Name="shop")["EventBusArn"]
    world.events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    put(world.events, 1, EventBusName="shop")
    start(world, Destination={"Arn": bus})
    world.events.delete_archive(ArchiveName="kept")
    world.events.delete_event_bus(Name="shop")
    world.emulator.advance(1)

    found = world.events.describe_replay(ReplayName="again")

    assert (found["State"], found["StateReason"]) == (
        "FAILED",
        "The event bus of the replay does not exist any more.",
    )


def test_replays_are_listed_page_by_page(world: Any, events: Any) -> None:
    for name in ("c", "a", "b"):
        start(world, name)

    first = events.list_replays(Limit=2)
    second = events.list_replays(Limit=2, NextToken=first["NextToken"])

    assert [found["ReplayName"] for found in first["Replays"] + second["Replays"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"NamePrefix": "ag"}, ["again"]),
        ({"NamePrefix": "x"}, []),
        ({"State": "STARTING"}, ["again"]),
        ({"State": "COMPLETED"}, []),
        ({"EventSourceArn": ARCHIVE}, ["again"]),
        ({"EventSourceArn": ARCHIVE + "2"}, []),
    ],
)
def test_replays_are_found_by_one_filter(
    world: Any, events: Any, given: dict[str, str], found: list[str]
) -> None:
    start(world)

    assert [one["ReplayName"] for one in events.list_replays(**given)["Replays"]] == found


def test_two_filters_of_replays_are_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.",
    ):
        world.events.list_replays(NamePrefix="a", State="RUNNING")


def test_a_replay_is_forgotten_after_90_days(world: Any, events: Any) -> None:
    start(world)
    world.emulator.advance(0.5)
    world.emulator.advance(90 * 24 * HOUR - 1)
    assert len(events.list_replays()["Replays"]) == 1

    world.emulator.advance(1)

    with refused("ResourceNotFoundException", "Replay again does not exist."):
        events.describe_replay(ReplayName="again")


@pytest.mark.parametrize("operation", ["describe_replay", "cancel_replay"])
def test_a_replay_that_does_not_exist_is_named(world: Any, operation: str) -> None:
    with refused("ResourceNotFoundException", "Replay nowhere does not exist."):
        getattr(world.events, operation)(ReplayName="nowhere")


def test_a_second_replay_of_a_name_is_refused(world: Any, events: Any) -> None:
    start(world)

    with refused("ResourceAlreadyExistsException", "Replay again already exists."):
        start(world)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_window_that_does_not_end_after_its_start_is_refused(world: Any, seconds: int) -> None:
    with refused(
        "ValidationException",
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
    ):
        start(world, EventEndTime=world.NOW - seconds)


def test_an_archive_that_does_not_exist_is_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "Parameter EventSourceArn is not valid. Reason: Archive kept does not exist.",
    ):
        start(world)


def test_a_replay_to_a_bus_that_does_not_exist_is_refused_by_its_name(world: Any, events: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        start(world, Destination={"Arn": BUS.replace("default", "nowhere")})


def test_a_replay_to_another_bus_is_refused(world: Any, events: Any) -> None:
    events.create_event_bus(Name="other")

    with refused(
        "ValidationException",
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    ):
        start(world, Destination={"Arn": BUS.replace("default", "other")})


def test_a_replay_for_a_rule_that_does_not_exist_is_refused(world: Any, events: Any) -> None:
    rule = "arn:aws:events:us-east-1:000000000000:rule/nowhere"

    with refused(
        "ValidationException",
        f"Parameter Destination.FilterArns is not valid. Reason: Rule {rule} does not exist on the event bus.",
    ):
        start(world, Destination={"Arn": BUS, "FilterArns": [rule]})


def test_an_eleventh_active_replay_is_refused(world: Any, events: Any) -> None:
    for number in range(10):
        start(world, f"r{number}")

    with refused("LimitExceededException", "The requested resource exceeds the maximum number allowed."):
        start(world)

    world.emulator.advance(1)
    assert start(world)["State"] == "STARTING"
