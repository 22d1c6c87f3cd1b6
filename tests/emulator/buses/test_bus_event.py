"""Events on their way: what patterns see of one is what its body says, however it came about."""

from collections.abc import Callable

import pytest

from pocketbus.emulator.buses.bus_event import BusEvent, Envelope
from pocketbus.rules.event import Event, Paths

ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
PATHS = Paths(
    [
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "replay-name",
        "detail.a",
        "detail.a.b",
    ]
)


@pytest.fixture
def event() -> BusEvent:
    envelope = Envelope(
        ID, "Order", "shop", "000000000000", "1970-01-12T13:46:39Z", "us-east-1", ("arn:a", "arn:b")
    )
    return BusEvent(envelope, '{"a": 1.0, "a": [{"b": 1e400}, "x"], "a.b": -0}')


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event,
        lambda event: event.with_id("another"),
        lambda event: event.replayed("again"),
        lambda event: event.with_detail('{"a": 2}'),
        lambda event: event.replayed("again").with_id("another"),
        lambda event: event.replayed("again").with_detail('{"a": 2}'),
    ],
)
def test_patterns_see_what_the_body_says(event: BusEvent, change: Callable[[BusEvent], BusEvent]) -> None:
    changed = change(event)

    expected = Event.from_json(changed.body).fields(PATHS)
    for _ in range(2):
        seen = changed.matchable().fields(PATHS)
        assert (seen.values, seen.places) == (expected.values, expected.places)


def test_a_replayed_event_with_another_detail_is_still_known_for_one(event: BusEvent) -> None:
    forwarded = event.replayed("again").with_detail('{"a": 2}')

    assert forwarded.matchable().find("replay-name") == ["again"]
