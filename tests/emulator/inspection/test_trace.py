"""The trace: its records, the stories they make, its bounds, and who waits for news."""

import asyncio

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Record, Selection, Trace
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings

QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


def steps(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.verb, record.subject) for record in records]


def fanned_out() -> Trace:
    """Tell of an event that a rule sends to a topic, which sends it to two queues."""
    trace = Trace(100)
    trace.record(1.0, "accepted", "bus", "event")
    trace.record(1.0, "published", "topic", "publication")
    trace.record(1.0, "delivered", "topic", "event", "rule", "publication")
    for number in ("1", "2"):
        trace.record(1.0, "sent", f"queue-{number}", f"message-{number}")
        trace.record(1.0, "delivered", f"queue-{number}", "publication", "subscription", f"message-{number}")
        trace.record(2.0, "received", f"queue-{number}", f"message-{number}")
    return trace


def test_records_are_numbered_in_order() -> None:
    trace = Trace(10)
    trace.record(1.0, "sent", QUEUE, "m-1")
    trace.record(2.0, "deleted", QUEUE, "m-1", "done")

    assert list(trace) == [
        Record(1, 1.0, "sent", QUEUE, "m-1"),
        Record(2, 2.0, "deleted", QUEUE, "m-1", "done"),
    ]


def test_only_the_latest_records_are_kept() -> None:
    trace = Trace(2)
    for number in range(5):
        trace.record(0.0, "sent", QUEUE, f"m-{number}")

    assert [record.number for record in trace] == [4, 5]


def test_what_is_newer_than_a_number_can_be_read() -> None:
    trace = Trace(3)
    for number in range(5):
        trace.record(0.0, "sent", QUEUE, f"m-{number}")

    assert [record.number for record in trace.after(4)] == [5]
    assert [record.number for record in trace.after(0)] == [3, 4, 5]
    assert list(trace.after(5)) == []


def test_the_records_of_one_message_are_found_without_the_others() -> None:
    trace = Trace(10)
    trace.record(1.0, "sent", QUEUE, "m-1")
    trace.record(1.0, "sent", QUEUE, "m-2")
    trace.record(2.0, "received", QUEUE, "m-1")

    assert steps(trace.of("m-1")) == [("sent", "m-1"), ("received", "m-1")]


def test_a_lookup_sees_what_came_after_an_earlier_one() -> None:
    trace = Trace(10)
    trace.record(1.0, "sent", QUEUE, "m-1")
    assert len(trace.of("m-1")) == 1
    trace.record(2.0, "received", QUEUE, "m-1")

    assert len(trace.of("m-1")) == 2


def test_the_story_of_an_event_goes_on_in_all_the_messages_it_became() -> None:
    assert steps(fanned_out().story("event")) == [
        ("accepted", "event"),
        ("published", "publication"),
        ("delivered", "event"),
        ("sent", "message-1"),
        ("delivered", "publication"),
        ("received", "message-1"),
        ("sent", "message-2"),
        ("delivered", "publication"),
        ("received", "message-2"),
    ]


def test_the_story_of_a_message_begins_with_the_event_it_came_from_and_leaves_out_its_siblings() -> None:
    assert steps(fanned_out().story("message-2")) == [
        ("accepted", "event"),
        ("published", "publication"),
        ("delivered", "event"),
        ("sent", "message-2"),
        ("delivered", "publication"),
        ("received", "message-2"),
    ]


def test_a_story_loses_what_the_trace_no_longer_keeps() -> None:
    trace = Trace(2)
    for verb in ("sent", "received", "deleted"):
        trace.record(1.0, verb, QUEUE, "m-1")
        trace.of("m-1")

    assert steps(trace.of("m-1")) == [("received", "m-1"), ("deleted", "m-1")]


def test_the_index_of_stories_stays_in_bounds() -> None:
    trace = Trace(100)
    for number in range(5_000):
        trace.record(0.0, "sent", QUEUE, f"m-{number}")
        trace.of("m-0")

    assert len(trace._stories._by_subject) <= 2 * 100 + 1024 + 1  # noqa: SLF001 - a bound nobody else sees


def test_a_moved_message_has_one_story_under_both_its_ids() -> None:
    engine = Engine(Config(seed=1))
    engine.freeze()
    now = engine.clock.now()
    scope = engine.scope("000000000000", "us-east-1")
    source, target = (scope.sqs.create_queue(name, QueueSettings(), {}, now) for name in ("dead", "orders"))
    sent = source.send(Text("job"), now, sender_id="me")

    engine.scope_of(source.arn).sqs.start_move(source, target, None, now)
    engine.advance(1)

    assert [(record.verb, record.resource) for record in engine.trace.story(sent.message_id)] == [
        ("sent", source.arn),
        ("moved", source.arn),
        ("sent", target.arn),
    ]


def test_the_trace_tells_what_time_alone_did_to_a_message() -> None:
    engine = Engine(Config(seed=1))
    engine.freeze()
    now = engine.clock.now()
    queue = engine.scope("000000000000", "us-east-1").sqs.create_queue("orders", QueueSettings(), {}, now)
    message_id = queue.send(Text("job"), now, sender_id="me", delay_seconds=5).message_id
    engine.advance(5)
    queue.receive(ReceiveRequest(), engine.clock.now())
    engine.advance(30)
    queue.advance(engine.clock.now())

    assert [(record.at - now, record.verb, record.why) for record in engine.trace.of(message_id)] == [
        (0, "sent", ""),
        (5, "appeared", "delay over"),
        (5, "received", ""),
        (35, "returned", "visibility timeout over"),
    ]


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        (Selection(), [1, 2, 3]),
        (Selection(resource=QUEUE), [1, 3]),
        (Selection(resource="orders"), [1, 3]),
        (Selection(resource="rder"), []),
        (Selection(resource="r"), [2]),
        (Selection(verb="sent"), [1]),
        (Selection(since=2.0), [2, 3]),
        (Selection(until=2.0), [1, 2]),
    ],
)
def test_records_are_selected_by_resource_verb_and_time(selection: Selection, numbers: list[int]) -> None:
    trace = Trace(10)
    trace.record(1.0, "sent", QUEUE, "m-1")
    trace.record(2.0, "matched", "arn:aws:events:us-east-1:000000000000:rule/r", "e-1")
    trace.record(3.0, "received", QUEUE, "m-1")

    assert [record.number for record in trace if selection.admits(record)] == numbers


async def test_who_waits_for_news_is_told_of_the_next_record() -> None:
    trace = Trace(10)
    waiting = asyncio.ensure_future(trace.news())
    await asyncio.sleep(0)
    trace.record(1.0, "sent", QUEUE, "m-1")

    assert await waiting is True


async def test_a_closed_trace_sends_away_who_waits() -> None:
    trace = Trace(10)
    waiting = asyncio.ensure_future(trace.news())
    await asyncio.sleep(0)
    trace.close()

    assert await waiting is False
    assert await trace.news() is False


async def test_who_gave_up_waiting_is_forgotten() -> None:
    trace = Trace(10)
    waiting = asyncio.ensure_future(trace.news())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert trace._watchers == set()  # noqa: SLF001 - a leak nobody else sees


def test_a_cleared_trace_counts_on() -> None:
    trace = Trace(10)
    trace.record(1.0, "sent", QUEUE, "m-1")
    trace.of("m-1")
    trace.clear()
    trace.record(2.0, "sent", QUEUE, "m-2")

    assert [record.number for record in trace] == [2]
    assert trace.of("m-1") == []
    assert [record.number for record in trace.of("m-2")] == [2]


def test_an_event_that_no_rule_wants_is_recorded_and_counted_as_if_by_two() -> None:
    at_once, by_two = Trace(10), Trace(10)

    at_once.record_unmatched(1.0, "bus", "event", "matched no rule")
    by_two.record(1.0, "accepted", "bus", "event")
    by_two.record(1.0, "unmatched", "bus", "event", "matched no rule")

    assert list(at_once) == list(by_two)
    assert at_once.tally == by_two.tally == {"bus": {"accepted": 1, "unmatched": 1}}
    assert at_once.last == by_two.last == len(at_once) == 2


def test_an_arrival_is_recorded_as_if_by_two_and_counted_as_sent() -> None:
    at_once, by_two = Trace(10), Trace(10)

    at_once.record_arrival(1.0, QUEUE, "publication", "subscription", "m-1")
    by_two.record(1.0, "sent", QUEUE, "m-1")
    by_two.record(1.0, "delivered", QUEUE, "publication", "subscription", "m-1")

    assert list(at_once) == list(by_two)
    assert at_once.tally == {QUEUE: {"sent": 1}}
    assert at_once.story("publication") == by_two.story("publication")
    assert at_once.story("m-1") == by_two.story("m-1")


def test_two_records_that_come_together_are_kept_as_one() -> None:
    trace = Trace(2)
    for number in range(4):
        trace.record_arrival(0.0, QUEUE, "publication", "subscription", f"m-{number}")

    assert [record.number for record in trace] == [5, 6, 7, 8]
    assert (len(trace), trace.dropped(), trace.dropped(after=3)) == (4, 4, 1)
    assert trace.held().items == 2


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("until", [None, *range(10)])
def test_what_is_newer_than_a_number_can_begin_and_end_between_two_that_came_together(
    number: int, until: int | None
) -> None:
    trace = Trace(4)
    trace.record(0.0, "sent", QUEUE, "m-1")
    trace.record_arrival(0.0, QUEUE, "publication", "subscription", "m-2")
    trace.record_unmatched(0.0, "bus", "event", "matched no rule")
    trace.record_arrival(0.0, QUEUE, "publication", "subscription", "m-3")
    trace.record(0.0, "received", QUEUE, "m-2")

    last = 8 if until is None else min(until, 8)
    assert [record.number for record in trace.after(number, until)] == list(
        range(max(number, 1) + 1, last + 1)
    )
