"""What a subscriber holds of what it cannot deliver: positions only, so many, and the log keeps the rest."""

import pytest

from pocketbus.emulator.custombuses import subscriber as subscriber_module
from pocketbus.emulator.custombuses.bus import BusSettings, CustomBus
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.custombuses.subscriber_settings import (
    FIFO,
    LATEST,
    RUNNING,
    UNORDERED,
    RetryPolicy,
    SubscriberSettings,
    SubscriberTarget,
    Way,
)
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.scope import Scope
from tests.emulator.conftest import MakeQueue

ACCOUNT = "000000000000"
TARGET = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"


@pytest.fixture
async def bus(engine: Engine, scope: Scope) -> CustomBus:
    bus = scope.custom.create_bus("b", BusSettings(retention_days=1), {}, engine.clock.now())
    engine.advance(1)
    return bus


def subscribe(engine: Engine, bus: CustomBus, ordering: str = UNORDERED) -> Subscriber:
    settings = SubscriberSettings(
        SubscriberTarget(TARGET, "role", Way.RESOURCE), retry_policy=RetryPolicy(185, 86_400)
    )
    return bus.subscribe(
        f"arn:aws:events:us-east-1:{ACCOUNT}:subscriber/s/1",
        settings,
        engine.clock.now(),
        ordering=ordering,
        start=LATEST,
        state=RUNNING,
    )


async def put(engine: Engine, bus: CustomBus, count: int, group: str | None = None) -> None:
    for number in range(count):
        event = LogEvent("id", ACCOUNT, Text(str(number)), "application/json", group_id=group)
        _, matching = bus.put(event, None, engine.clock.now())
        rest = engine.pump.serve(matching)
        if rest is not None:
            await engine.pump.go_on(rest)
    await engine.tasks.quiet()


async def test_a_subscriber_that_is_stuck_reads_no_further_and_catches_up_later(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_module, "READ_AHEAD", 50)
    async with engine:
        subscriber = subscribe(engine, bus)
        await engine.tasks.quiet()
        await put(engine, bus, 1000)

        assert subscriber.waiting <= 200
        assert (subscriber.live, subscriber.lag) == (False, 1000)
        queue = make_queue("orders")
        await engine.elapse(3600)
        await engine.tasks.quiet()
        assert (subscriber.waiting, subscriber.lag) == (0, 0)
        assert sorted(int(message.content.body) for message in queue) == list(range(1000))


async def test_a_group_that_is_stuck_keeps_its_order_and_holds_up_no_other(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue
) -> None:
    async with engine:
        subscribe(engine, bus, FIFO)
        await engine.tasks.quiet()
        await put(engine, bus, 3, "stuck")
        queue = make_queue("orders")
        await put(engine, bus, 2, "free")

        assert [message.content.body for message in queue] == ["0", "1"]
        await engine.elapse(60)
        assert [message.content.body for message in queue] == ["0", "1", "0", "1", "2"]


async def test_what_the_log_has_let_go_of_is_passed_over_and_told(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue
) -> None:
    async with engine:
        subscriber = subscribe(engine, bus)
        await engine.tasks.quiet()
        subscriber.stop(engine.clock.now())
        await put(engine, bus, 5)
        await engine.elapse(86_400 + 1)
        await put(engine, bus, 1)
        queue = make_queue("orders")
        subscriber.start_again(engine.clock.now())
        await engine.tasks.quiet()

        assert len(list(queue)) == 1
        told = [record.why for record in engine.trace if record.verb == "dropped"]
        assert told == ["5 events were gone before it came to them"]


async def test_one_content_is_held_by_the_log_and_by_every_queue_that_gets_it(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue
) -> None:
    async with engine:
        subscribe(engine, bus)
        queue = make_queue("orders")
        await engine.tasks.quiet()
        await put(engine, bus, 1)

        (message,) = queue
        assert message.content is bus.log[1].content


async def test_a_defect_on_the_way_of_one_event_ends_nothing_else(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine:
        subscriber = subscribe(engine, bus)
        queue = make_queue("orders")
        await engine.tasks.quiet()
        with monkeypatch.context() as broken:
            broken.setattr(queue, "accept", None)
            await put(engine, bus, 1)
        assert subscriber.lag == 1
        await put(engine, bus, 1)
        await engine.elapse(60)

        assert sorted(message.content.body for message in queue) == ["0", "0"]
        assert subscriber.lag == 0


async def test_a_clock_that_goes_back_leaves_buses_active_and_subscribers_at_work(
    engine: Engine, bus: CustomBus, make_queue: MakeQueue
) -> None:
    async with engine:
        subscribe(engine, bus)
        queue = make_queue("orders")
        await engine.elapse_to(10.0)
        await put(engine, bus, 1)

        assert bus.state(engine.clock.now()) == "ACTIVE"
        assert len(list(queue)) == 1
