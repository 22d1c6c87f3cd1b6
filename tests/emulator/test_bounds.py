"""What is kept of what clients send is bounded by bytes, and what gives way is counted."""

import asyncio
import gc
import tracemalloc
from collections.abc import Callable

import pytest

from pocketbus.emulator.deliveries import courier as courier_module
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import CourierOverloaded, TargetUnreachable
from pocketbus.emulator.deliveries.log_group import LOG_BYTES, LogEvent
from pocketbus.emulator.deliveries.outbox import OUTBOX_BYTES, Captured
from pocketbus.emulator.deliveries.retry_policy import TO_PEOPLE
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import LONG_BYTES, Trace
from pocketbus.emulator.message import Text
from pocketbus.emulator.topics.publication import Publication

KILOBYTE = 1024


def memory_of(fill: Callable[[], None]) -> int:
    """Return the bytes that filling leaves."""
    gc.collect()
    tracemalloc.start()
    fill()
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept


def text_of(number: int, kilobytes: int) -> str:
    return f"{number:08}" * (kilobytes * KILOBYTE // 8)


def test_the_outbox_is_bounded_by_bytes_wherever_they_are(engine: Engine) -> None:
    def fill() -> None:
        for number in range(400):
            text = text_of(number, 256)
            inside = {"attributes": {"a": {"data_type": "String", "value": text}}}
            payload, details = ("", inside) if number % 2 else (text, {})
            engine.outbox.capture(Captured(0.0, "sms", "", "+15551234567", payload, details, ""))

    assert memory_of(fill) < 1.1 * OUTBOX_BYTES
    assert engine.outbox.held().dropped == 400 - len(engine.outbox) > 100


def test_all_log_groups_share_a_bound_and_the_oldest_event_gives_way(engine: Engine) -> None:
    arns = [f"arn:aws:logs:us-east-1:000000000000:log-group:{number}" for number in range(20)]

    def fill() -> None:
        for number in range(400):
            event = LogEvent(float(number), 0, text_of(number, 256))
            engine.log_groups.write(engine.log_groups.of(arns[number % 20]), event)

    assert memory_of(fill) < 1.1 * LOG_BYTES
    kept = [event.at for group in engine.log_groups for event in group.events]
    assert engine.log_groups.held().dropped == 400 - len(kept) > 100
    assert sorted(kept) == [float(number) for number in range(400 - len(kept), 400)]


def test_the_trace_is_bounded_by_bytes_where_its_texts_are_long() -> None:
    trace = Trace(100_000)

    def fill() -> None:
        for number in range(4000):
            trace.record(0.0, "attempted", "short", f"m-{number}", text_of(number, 16))
            trace.record(0.0, "sent", "short", f"m-{number}")

    assert memory_of(fill) < 1.2 * LONG_BYTES
    assert trace.dropped() == 8000 - len(trace) > 1000
    assert [record.number for record in trace][-1] == 8000


def test_long_records_that_gave_way_to_short_ones_do_not_count() -> None:
    trace = Trace(10)
    for number in range(1000):
        trace.record(0.0, "attempted", "target", f"m-{number}", text_of(number, 1))
        for _ in range(10):
            trace.record(0.0, "sent", "queue", f"m-{number}")
    trace.record(0.0, "attempted", "target", "m", text_of(1, 1))

    assert (len(trace), trace.held().bytes) == (10, KILOBYTE + 49 + 55)


def test_what_was_lately_published_is_bounded_by_bytes(engine: Engine) -> None:
    for number in range(100):
        publication = Publication(text_of(number, 256))
        engine.recent.keep(f"m-{number}", "topic", publication, publication.size)

    held = engine.recent.held()
    assert (held.items, held.bytes, held.dropped) == (32, held.most_bytes, 68)


async def test_what_waits_for_webhooks_is_bounded_by_bytes_and_shared_content_counts_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "COURIER_BYTES", 100 * KILOBYTE)
    shared = Text(text_of(0, 64))

    async def attempt(_: Delivery) -> str:
        raise TargetUnreachable

    def send(content: Text) -> None:
        delivery = Delivery("s", "t", content, "m", retry_policy=TO_PEOPLE)
        engine.courier.send(delivery, attempt, engine.clock.now())

    for _ in range(50):
        send(shared)
    send(Text(text_of(1, 64)))
    with pytest.raises(CourierOverloaded):
        send(Text("one more"))
    await engine.tasks.quiet()
    await asyncio.sleep(0)

    held = engine.courier.held()
    assert (held.items, held.bytes, held.dropped) == (51, 128 * KILOBYTE, 1)
    engine.courier.clear()
    assert engine.courier.held().bytes == 0
