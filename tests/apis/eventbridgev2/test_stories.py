"""What a log is for, told as it happens to those who use one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.apis.eventbridgev2.conftest import World

DAY = 86_400
HORIZON: dict[str, Any] = {
    "StartingPosition": "POINT_IN_TIME",
    "PointInTimeConfiguration": {"PointType": "HORIZON"},
}


def since(at: datetime, until: datetime | None = None) -> dict[str, Any]:
    point = {"PointType": "TIMESTAMP", "StartingPoint": at} | ({"EndPoint": until} if until else {})
    return {"StartingPosition": "POINT_IN_TIME", "PointInTimeConfiguration": point}


def now(world: World) -> datetime:
    return datetime.fromtimestamp(world.emulator.now(), UTC)


def test_a_new_team_replays_three_months_of_orders_without_anybody_noticing(world: World) -> None:
    bus = world.bus(days=120)
    world.queue("billing")
    world.subscribe(bus, "billing", "arn:aws:sqs:us-east-1:000000000000:billing")
    for day in range(90):
        world.put(bus, {"order": day})
        assert world.details("billing") == [{"order": day}]
        world.advance(DAY)

    world.queue("analytics")
    analytics = world.subscribe(bus, "analytics", "arn:aws:sqs:us-east-1:000000000000:analytics", **HORIZON)

    assert world.details("analytics") == [{"order": day} for day in range(90)]
    assert world.bodies("billing") == []
    world.put(bus, {"order": 90})
    assert (world.details("billing"), world.details("analytics")) == ([{"order": 90}], [{"order": 90}])
    assert world.buses.describe_subscriber(SubscriberArn=analytics)["State"] == "RUNNING"


def test_a_failed_consumer_goes_back_to_an_instant_and_does_it_again(world: World) -> None:
    bus = world.bus(days=7)
    world.queue("billing")
    world.subscribe(bus, "billing", "arn:aws:sqs:us-east-1:000000000000:billing")
    world.put(bus, {"order": 1})
    world.advance(3600)
    broke_at = now(world)
    world.put(bus, {"order": 2}, {"order": 3})
    world.advance(3600)
    assert len(world.bodies("billing")) == 3  # two of them went to a consumer that was broken

    again = world.subscribe(
        bus, "again", "arn:aws:sqs:us-east-1:000000000000:billing", **since(broke_at, now(world))
    )

    assert world.details("billing") == [{"order": 2}, {"order": 3}]
    assert world.buses.describe_subscriber(SubscriberArn=again)["State"] == "STOPPED"  # it has done its work


def test_ten_subscribers_go_each_at_its_own_pace_and_the_content_is_there_once(world: World) -> None:
    bus = world.bus()
    subscribers = []
    for number in range(10):
        world.queue(f"q{number}")
        subscribers.append(
            world.subscribe(bus, f"s{number}", f"arn:aws:sqs:us-east-1:000000000000:q{number}")
        )
    for number in range(10):
        world.put(bus, {"order": number})
        world.buses.update_subscriber(SubscriberArn=subscribers[number], State="STOPPED")

    assert [len(world.details(f"q{number}")) for number in range(10)] == list(range(1, 11))
    lags = {one.name: one.lag for one in world.emulator.look("subscribers")}
    assert lags == {f"s{number}": 9 - number for number in range(10)}
    for subscriber in subscribers:
        world.buses.update_subscriber(SubscriberArn=subscriber, State="RUNNING")
    assert [len(world.details(f"q{number}")) for number in range(10)] == [9 - number for number in range(10)]
    assert {one.lag for one in world.emulator.look("subscribers")} == {0}
    assert [one.events for one in world.emulator.look("custom_buses")] == [10]


def test_of_two_groups_one_is_stuck_and_the_other_goes_on(world: World) -> None:
    bus = world.bus()
    world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    group = "{% $events.Data.detail.fails ? null : $events.SystemMetadata.EventGroupId %}"
    world.subscribe(
        bus,
        target="arn:aws:sqs:us-east-1:000000000000:q.fifo",
        Type="FIFO",
        Invoke={"SqsParameters": {"MessageGroupId": group}},
        RetryPolicy={"MaxRetryAttempts": 1, "MaxEventAgeInSeconds": 60},
    )

    world.put(bus, {"order": 1, "fails": True}, {"order": 2}, EventGroupId="stuck")
    world.put(bus, {"order": 3}, {"order": 4}, EventGroupId="free")
    world.emulator.wait("q.fifo", count=2)
    assert [detail["order"] for detail in world.details("q.fifo")] == [3, 4]

    world.advance(60)  # the first of the stuck group is given up
    world.emulator.wait("q.fifo", count=1)
    assert [detail["order"] for detail in world.details("q.fifo")] == [2]


def test_retention_passes_and_the_earliest_position_moves(world: World) -> None:
    bus = world.bus(days=2)
    world.queue()
    for day in range(3):
        world.put(bus, {"day": day})
        world.advance(DAY)

    storage = world.buses.describe_event_bus(EventBusArn=bus)["StorageConfiguration"]
    assert storage["RetentionWindowStartTime"] == now(world) - timedelta(days=2)
    world.subscribe(bus, **HORIZON)
    assert world.details() == [{"day": 1}, {"day": 2}]
    assert [one.first for one in world.emulator.look("custom_buses")] == [2]


def test_the_newest_event_of_each_key_is_what_the_log_comes_to(world: World) -> None:
    bus = world.bus()
    for order, state in ((1, "placed"), (2, "placed"), (1, "paid"), (3, "placed"), (1, "shipped")):
        world.put(bus, {"order": order, "state": state})

    newest = world.emulator.compacted("shop", "Data.detail.order")

    assert [(one.key, one.data["detail"]["state"]) for one in newest] == [
        ("2", "placed"),
        ("3", "placed"),
        ("1", "shipped"),
    ]
