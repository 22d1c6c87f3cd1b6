"""How far subscribers are, what a log holds, cursors set back: what AWS does not show."""

import httpx
import pytest

from pocketbus import FaultError, ResourceNotFoundError
from tests.apis.eventbridgev2.conftest import ARN, World, refusal


def test_a_subscriber_tells_its_position_its_lag_and_the_age_of_what_it_is_not_done_with(
    world: World,
) -> None:
    bus = world.bus()
    world.subscribe(bus, State="STOPPED")
    world.put(bus, {"n": 1})
    world.advance(60)
    world.put(bus, {"n": 2})

    (one,) = world.emulator.look("subscribers")
    assert (one.position, one.lag, one.age_seconds, one.waiting) == (1, 2, 60.0, 0)
    assert (one.state, one.replaying, one.target) == ("STOPPED", False, ARN("sqs", "q"))


def test_what_does_not_match_does_not_count_once_it_was_looked_at(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus, FilterConfiguration={"Filters": [{"Scope": "DATA", "Pattern": '{"n": [1]}'}]})

    world.put(bus, {"n": 2})

    assert [one.lag for one in world.emulator.look("subscribers")] == [0]


def test_what_waits_to_be_tried_again_is_lag(world: World) -> None:
    bus = world.bus()
    world.subscribe(bus)

    world.put(bus, {"n": 1}, {"n": 2})

    (one,) = world.emulator.look("subscribers")
    assert (one.position, one.lag, one.waiting) == (1, 2, 2)
    world.queue()
    world.advance(60)
    assert world.emulator.look("subscribers")[0].lag == 0


def test_a_subscriber_is_set_back_to_a_position_an_instant_or_the_earliest_event(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)
    for number in range(3):
        world.put(bus, {"n": number})
        world.advance(60)
    world.details()

    def again(**where: object) -> list[int]:
        world.emulator.rewind("s", **where)  # type: ignore[arg-type]
        return [detail["n"] for detail in world.details()]

    assert again(position=3) == [2]
    assert again(at="2026-01-01T12:01:01Z") == [1, 2]
    assert again() == [0, 1, 2]
    assert again(position=99) == []
    with pytest.raises(ResourceNotFoundError):
        world.emulator.rewind("none")


def test_a_log_is_read_and_compacted_by_any_key(world: World) -> None:
    bus = world.bus()
    world.put_raw(bus, b'{"id": 1}', b"[1]", metadata={"tenant": "a"})
    world.put_raw(bus, b"\x00", kind="application/octet-stream", metadata={"tenant": "b"}, EventGroupId="g")

    assert [(one.position, one.data, one.group_id) for one in world.emulator.log("shop")] == [
        (1, {"id": 1}, None),
        (2, [1], None),
        (3, "AA==", "g"),
    ]
    newest = world.emulator.compacted(bus, "Metadata.tenant")
    assert [(one.key, one.position) for one in newest] == [("a", 2), ("b", 3)]
    assert [one.key for one in world.emulator.compacted(bus, "Data.id")] == ["1"]


def test_the_same_is_told_over_http_page_by_page(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)
    world.put(bus, {"n": 1}, {"n": 2}, {"n": 1})
    url = f"{world.emulator.url}/_pocketbus"

    page = httpx.get(f"{url}/log", params={"bus": "shop", "limit": 2}).json()
    assert ([one["position"] for one in page["events"]], page["next"]) == ([1, 2], 3)
    page = httpx.get(f"{url}/log", params={"bus": bus, "since": 3}).json()
    assert ([one["position"] for one in page["events"]], page["next"]) == ([3], None)
    page = httpx.get(f"{url}/compacted", params={"bus": "shop", "key": "Data.detail.n"}).json()
    assert [(one["key"], one["position"]) for one in page["events"]] == [("2", 2), ("1", 3)]
    back = httpx.post(f"{url}/log/rewind", params={"subscriber": "s", "position": 2}).json()
    assert (back["position"], back["lag"], back["replaying"]) == (2, 2, True)
    answer = httpx.get(f"{url}/wait", params={"subscriber": "s"})
    assert (answer.status_code, answer.json()["items"][0]["lag"]) == (200, 0)
    assert httpx.get(f"{url}/log", params={"bus": "none"}).status_code == 404
    assert httpx.get(f"{url}/compacted", params={"bus": "shop"}).status_code == 400
    assert "pocketbus_subscriber_lag_events{" in httpx.get(f"{world.emulator.url}/metrics").text


def test_an_event_has_a_story_that_goes_on_with_its_message(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    (put,) = world.put(bus, {"n": 1})
    world.messages()

    assert [record.verb for record in world.emulator.trace(put["EventId"])] == [
        *("accepted", "matched", "sent", "delivered", "received", "deleted")
    ]


def test_faults_strike_at_requests_entries_and_deliveries(world: World) -> None:
    bus = world.bus()
    queue = world.queue()
    world.subscribe(bus)
    world.emulator.fault("throttle", service="eventbridgev2", operation="DescribeEventBus", count=1)
    world.emulator.fault("partial", service="eventbridgev2", operation="PutEvents", count=1)
    world.emulator.fault("failure", resource=queue, count=1)

    assert refusal(world.buses.describe_event_bus, EventBusArn=bus)[:2] == ("ThrottlingException", 429)
    first, second = world.put(bus, {"n": 1}, {"n": 2})
    assert ("ErrorCode" in first, second["SuccessCode"]) == (True, "PUBLISHED")
    assert world.details() == []
    world.advance(5)
    assert world.details() == [{"n": 2}]
    with pytest.raises(FaultError):
        world.emulator.fault("throttle", service="eventbridgev2", operation="PutPigeons")


def test_a_reset_of_the_service_leaves_the_others(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    world.emulator.reset(service="eventbridgev2")

    assert (world.emulator.look("custom_buses"), world.emulator.look("subscribers")) == ([], [])
    assert [queue.name for queue in world.emulator.look("queues")] == ["q"]


def test_a_state_brings_back_what_was_not_delivered_yet(world: World) -> None:
    bus = world.bus()
    world.subscribe(bus)
    world.put(bus, {"n": 1}, {"n": 2})
    document = world.emulator.export_state(service="eventbridgev2")
    world.emulator.reset()
    world.queue()

    world.emulator.import_state(document)

    assert world.details() == [{"n": 1}, {"n": 2}]
    assert world.put(bus, {"n": 3})[0]["SequenceNumber"] == "10000000000000003000"
