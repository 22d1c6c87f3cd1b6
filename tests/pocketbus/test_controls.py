"""The emulator's controls from Python: the clock, the trace, explanations, looks and waits, as a test uses them."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.expectation import Item

START = "2026-01-01T00:00:00Z"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set(START)
        yield emulator


@pytest.fixture
def sqs(emulator: Emulator) -> Any:
    return emulator.client("sqs")


@pytest.fixture
def orders(sqs: Any) -> str:
    """The URL of a queue."""
    url: str = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    return url


@pytest.fixture
def news(emulator: Emulator, orders: str) -> str:
    """The ARN of a topic that sends what is red to the queue."""
    assert orders
    sns = emulator.client("sns")
    topic: str = sns.create_topic(Name="news")["TopicArn"]
    policy = {"FilterPolicy": '{"color": ["red"]}', "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE, Attributes=policy)
    return topic


def publish(emulator: Emulator, topic: str, color: str) -> str:
    attributes = {"color": {"DataType": "String", "StringValue": color}}
    answer = emulator.client("sns").publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)
    message_id: str = answer["MessageId"]
    return message_id


def bodies(items: list[Item]) -> list[str]:
    return [item["body"] for item in items]


def test_advancing_the_clock_tells_what_happened_on_the_way(
    emulator: Emulator, sqs: Any, orders: str
) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="resize photo 7")
    sqs.receive_message(QueueUrl=orders)  # a worker takes the job and dies

    happened = emulator.advance("PT10M")

    assert [(record.verb, record.why) for record in happened] == [("returned", "visibility timeout over")]
    assert sqs.receive_message(QueueUrl=orders)["Messages"][0]["Body"] == "resize photo 7"


def test_the_clock_can_go_from_deadline_to_deadline(emulator: Emulator, sqs: Any, orders: str) -> None:
    started_at = emulator.now()
    sqs.send_message(QueueUrl=orders, MessageBody="later", DelaySeconds=30)
    sqs.send_message(QueueUrl=orders, MessageBody="last", DelaySeconds=90)
    assert emulator.next_at() == started_at + 30

    assert [record.verb for record in emulator.advance_to_next()] == ["appeared"]
    assert emulator.now() == started_at + 30
    assert [record.verb for record in emulator.advance_to_next()] == ["appeared"]
    assert emulator.now() == started_at + 90


def test_where_nothing_is_due_the_clock_stays(emulator: Emulator, orders: str) -> None:
    assert orders
    before = emulator.now()

    assert emulator.advance_to_next() == []
    assert emulator.now() == before


def test_the_trace_tells_the_story_of_a_publication_to_its_end(
    emulator: Emulator, sqs: Any, orders: str, news: str
) -> None:
    message_id = publish(emulator, news, "red")
    received = sqs.receive_message(QueueUrl=orders)["Messages"][0]
    sqs.delete_message(QueueUrl=orders, ReceiptHandle=received["ReceiptHandle"])

    story = emulator.trace(message_id)

    assert [record.verb for record in story] == ["published", "sent", "delivered", "received", "deleted"]
    assert emulator.trace(received["MessageId"]) == story
    assert [record.verb for record in emulator.trace(resource="news")] == ["published"]
    assert emulator.trace(since="2026-01-01T00:00:01Z") == []


def test_an_explanation_says_why_a_message_did_not_arrive(emulator: Emulator, news: str) -> None:
    message_id = publish(emulator, news, "blue")

    (verdict,) = emulator.explain(message_id)

    assert (verdict.matches, verdict.why) == (False, 'color: found "blue", wanted "red"')


def test_a_message_can_be_explained_before_it_is_published(emulator: Emulator, news: str) -> None:
    assert [verdict.matches for verdict in emulator.explain_message("hello", news, {"color": "red"})] == [
        True
    ]


def test_an_event_can_be_explained_before_it_is_put(emulator: Emulator) -> None:
    pattern = '{"detail": {"total": [{"numeric": [">", 1000]}]}}'
    emulator.client("events").put_rule(Name="high-value", EventPattern=pattern)

    (verdict,) = emulator.explain_event({"source": "shop", "detail-type": "order", "detail": {"total": 12.5}})

    assert verdict.resource == "arn:aws:events:us-east-1:000000000000:rule/high-value"
    assert verdict.why == "detail.total: found 12.5, wanted a number > 1000"


def test_looking_at_a_queue_consumes_nothing(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="taken")
    sqs.receive_message(QueueUrl=orders)
    sqs.send_message(QueueUrl=orders, MessageBody="ready")
    sqs.send_message(QueueUrl=orders, MessageBody="delayed", DelaySeconds=5)

    seen = [(message.body, message.state, message.receive_count) for message in emulator.messages("orders")]

    assert seen == [("taken", "in_flight", 1), ("ready", "ready", 0), ("delayed", "delayed", 0)]
    assert emulator.messages(orders) == emulator.messages(QUEUE) == emulator.messages("orders")
    assert [queue.in_flight for queue in emulator.look("queues")] == [1]


def test_an_unknown_queue_is_said_to_be_unknown(emulator: Emulator) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"^There is no queue orders\.$"):
        emulator.messages("orders")


def test_a_wait_ends_as_soon_as_another_thread_sends(emulator: Emulator, sqs: Any, orders: str) -> None:
    worker = threading.Timer(0.05, lambda: sqs.send_message(QueueUrl=orders, MessageBody="done"))
    worker.start()

    assert bodies(emulator.wait("orders", timeout=5)) == ["done"]
    worker.join()


def test_a_wait_sees_what_came_before(emulator: Emulator, sqs: Any, orders: str) -> None:
    for total in (5, 50, 500):
        sqs.send_message(QueueUrl=orders, MessageBody=f'{{"total": {total}}}')

    found = emulator.wait("orders", count=2, matching="from_json(body).total > `10`", timeout=5)

    assert bodies(found) == ['{"total": 50}', '{"total": 500}']


def test_a_wait_under_a_frozen_clock_ends_after_real_seconds(emulator: Emulator, orders: str) -> None:
    assert orders
    with pytest.raises(TimeoutError, match="there were 0 matches"):
        emulator.wait("orders", timeout=0.05)


def test_a_failed_wait_shows_what_there_was_instead(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="the only one")

    with pytest.raises(TimeoutError, match="the only one"):
        emulator.wait("orders", count=2, timeout=0.05)


def test_a_wait_for_quiet_ends_when_nothing_more_arrives(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="one")
    sqs.send_message(QueueUrl=orders, MessageBody="two")

    assert bodies(emulator.wait("orders", quiet=0.05, timeout=5)) == ["one", "two"]


def test_a_wait_for_quiet_can_find_nothing_at_all(emulator: Emulator, orders: str) -> None:
    assert orders
    assert emulator.wait("orders", quiet=0.05, timeout=5) == []


def test_a_wait_sees_a_delay_end_on_the_running_clock(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="soon", DelaySeconds=900)
    emulator.advance(899.95)
    emulator.thaw()

    assert bodies(emulator.wait("orders", matching="state == 'ready'", timeout=5)) == ["soon"]


def test_a_wait_can_watch_the_trace(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="job")

    (record,) = emulator.wait(trace=True, matching="verb == 'sent'", timeout=5)

    assert record["resource"] == QUEUE


def test_a_wait_can_follow_one_story(emulator: Emulator, news: str) -> None:
    publish(emulator, news, "red")
    message_id = publish(emulator, news, "red")

    assert len(emulator.wait(trace=True, subject=message_id, matching="verb == 'sent'", timeout=5)) == 1


def test_a_wait_can_watch_the_outbox(emulator: Emulator) -> None:
    def capture(text: str) -> None:
        captured = Captured(0.0, "sms", "", "+4917012345", text, {}, "not emulated")
        emulator.call(lambda engine: engine.outbox.capture(captured))
        emulator.call(lambda engine: engine.trace.record(0.0, "captured", "+4917012345", "m-1"))

    capture("one")
    worker = threading.Timer(0.05, capture, ["two"])
    worker.start()

    assert [item["payload"] for item in emulator.wait(outbox=True, count=2, timeout=5)] == ["one", "two"]
    worker.join()


@pytest.mark.parametrize("wanted", [{}, {"outbox": True, "trace": True}])
def test_a_wait_is_for_one_thing(emulator: Emulator, wanted: Any) -> None:
    with pytest.raises(ValueError, match="Wait for one of"):
        emulator.wait(**wanted)


def test_an_async_test_can_wait_while_its_own_code_goes_on(emulator: Emulator, sqs: Any, orders: str) -> None:
    async def scenario() -> list[Item]:
        waiting = asyncio.create_task(emulator.wait_async("orders", timeout=5))
        await asyncio.sleep(0)
        sqs.send_message(QueueUrl=orders, MessageBody="from the same loop")
        return await waiting

    assert bodies(asyncio.run(scenario())) == ["from the same loop"]


def test_an_async_test_can_advance_the_clock(emulator: Emulator, sqs: Any, orders: str) -> None:
    sqs.send_message(QueueUrl=orders, MessageBody="later", DelaySeconds=30)

    happened = asyncio.run(emulator.advance_async(60))

    assert [record.verb for record in happened] == ["appeared"]


def test_the_end_of_the_emulator_ends_a_wait() -> None:
    outcome: list[BaseException] = []

    def wait(emulator: Emulator) -> None:
        try:
            emulator.wait(trace=True, timeout=60)
        except TimeoutError as error:
            outcome.append(error)

    with Emulator() as emulator:
        waiting = threading.Thread(target=wait, args=[emulator])
        waiting.start()
        while not emulator.call(lambda engine: engine.trace._watchers):  # noqa: SLF001 - until it waits
            pass
    waiting.join(5)

    assert len(outcome) == 1
