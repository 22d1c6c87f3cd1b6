"""A queue that calls a function: what the function gets, and what becomes of messages that it cannot handle."""

import json
from typing import Any

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import MOST_AT_ONCE
from tests.apis.awslambda.conftest import ARN, FUNCTION, QUEUE, START, World, report

REPORTING: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_a_consumers_life(world: World) -> None:
    """A function fails, is tried again, handles a part, lets the rest die, and does well after a redrive."""
    world.run()
    world.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead"), "maxReceiveCount": 3})
    world.queue(RedrivePolicy=policy)
    mapping = world.map(**REPORTING)

    def poison(event: Any) -> Any:
        return report(*(one["messageId"] for one in event["Records"] if one["body"] == "poison"))

    world.answers = [RuntimeError("the database is down"), poison]

    (_, poison_id) = world.sqs.send_message_batch(
        QueueUrl=world.url(),
        Entries=[{"Id": "1", "MessageBody": "good"}, {"Id": "2", "MessageBody": "poison"}],
    )["Successful"]
    world.advance(0)
    assert world.held() == ["good", "poison"]
    world.advance(30)
    assert world.held() == ["poison"]
    world.advance(60)
    assert world.held() == []
    assert world.held("dead") == ["poison"]
    assert world.batches() == [["good", "poison"], ["good", "poison"], ["poison"]]

    world.answers = [None]
    world.sqs.start_message_move_task(SourceArn=ARN("sqs", "dead"))
    world.advance(1)
    assert world.batches()[3:] == [["poison"]]
    assert (world.held(), world.held("dead")) == ([], [])
    told = [record.verb for record in world.emulator.trace(poison_id["MessageId"])]
    assert told[:5] == ["sent", "received", "invoked", "failed", "returned"]
    assert mapping["State"] == "Creating"


def test_a_group_waits_for_its_failed_message(world: World) -> None:
    world.run()
    world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="60")
    world.map("q.fifo", BatchSize=1)
    world.answers = [ValueError("not yet"), None]
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        world.sqs.send_message(QueueUrl=world.url("q.fifo"), MessageBody=body, MessageGroupId=group)
    world.advance(0)

    assert sorted(world.batches()) == [["a1"], ["b1"]]
    world.advance(59)
    assert len(world.events) == 2
    world.advance(1)
    assert world.batches()[2:] == [["a1"], ["a2"]]
    assert world.held("q.fifo") == []


def test_what_a_fifo_batch_did_not_report_is_deleted_and_the_rest_comes_again_in_order(world: World) -> None:
    world.run()
    world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.answers = [lambda event: report(*(one["messageId"] for one in event["Records"][1:])), None]
    for body in ("1", "2", "3", "4"):
        world.sqs.send_message(QueueUrl=world.url("q.fifo"), MessageBody=body, MessageGroupId="g")
    world.map("q.fifo", **REPORTING)

    world.advance(30)

    assert world.batches() == [["1", "2", "3", "4"], ["2", "3", "4"]]
    assert [one["attributes"]["ApproximateReceiveCount"] for one in world.events[1]["Records"]] == ["2"] * 3
    assert world.held("q.fifo") == []


def test_a_function_gets_the_event_of_aws(world: World) -> None:
    world.run()
    world.queue()
    world.map()
    (message_id,) = world.send(
        "hello",
        MessageAttributes={
            "price": {"DataType": "Number", "StringValue": "6"},
            "photo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
    )

    ((record,),) = [event["Records"] for event in world.events]
    assert list(record) == [
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfMessageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    ]
    assert (record["messageId"], record["body"]) == (message_id, "hello")
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["attributes"] == {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": f"{START}000",
        "SenderId": "000000000000",
        "ApproximateFirstReceiveTimestamp": f"{START}000",
    }
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert record["messageAttributes"] == {
        "price": {"stringValue": "6", **lists, "dataType": "Number"},
        "photo": {"binaryValue": "AP8=", **lists, "dataType": "Binary"},
    }
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == (
        "aws:sqs",
        QUEUE,
        "us-east-1",
    )


def test_a_fifo_message_tells_its_group_and_a_dead_letter_its_source(world: World) -> None:
    world.run()
    world.queue("dead.fifo", FifoQueue="true")
    policy = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead.fifo"), "maxReceiveCount": 1})
    world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true", RedrivePolicy=policy)
    world.map("dead.fifo")
    world.sqs.send_message(QueueUrl=world.url("q.fifo"), MessageBody="x", MessageGroupId="g")

    for _ in range(2):
        world.sqs.receive_message(QueueUrl=world.url("q.fifo"), VisibilityTimeout=0)
    world.advance(0)

    attributes = world.events[0]["Records"][0]["attributes"]
    assert (attributes["MessageGroupId"], len(attributes["SequenceNumber"])) == ("g", 20)
    assert attributes["DeadLetterQueueSourceArn"] == ARN("sqs", "q.fifo")


@pytest.mark.parametrize(("window", "there"), [(0, False), (1, True)])
def test_a_digest_of_no_attributes_is_null_with_a_window_and_absent_without(
    world: World, window: int, there: bool
) -> None:
    world.run()
    world.queue()
    world.map(MaximumBatchingWindowInSeconds=window)
    world.send("x")
    world.advance(1)

    record = world.events[0]["Records"][0]
    assert ("md5OfMessageAttributes" in record, record.get("md5OfMessageAttributes")) == (there, None)


# Batches


def test_one_receive_is_a_batch_where_there_is_no_window(world: World) -> None:
    world.run()
    world.queue()
    for number in range(25):
        world.sqs.send_message(QueueUrl=world.url(), MessageBody=str(number))

    world.map()
    world.advance(0)

    assert sorted(map(len, world.batches())) == [5, 10, 10]


def test_a_batch_waits_for_its_size_or_the_end_of_its_window(world: World) -> None:
    world.run()
    world.queue()
    world.map(BatchSize=12, MaximumBatchingWindowInSeconds=20)

    world.send("first")
    world.advance(19)
    assert world.batches() == []
    world.advance(1)
    assert world.batches() == [["first"]]
    world.send(*map(str, range(12)))
    assert world.batches()[1:] == [list(map(str, range(12)))]


def test_a_batch_is_not_larger_than_six_megabytes(world: World) -> None:
    world.run()
    world.queue(VisibilityTimeout="3600")
    world.map(BatchSize=100, MaximumBatchingWindowInSeconds=300)

    world.send(*["x" * 1_000_000] * 7)

    assert [len(batch) for batch in world.batches()] == [6]
    world.advance(300)
    assert [len(batch) for batch in world.batches()] == [6, 1]


def test_no_more_invocations_are_under_way_than_the_mapping_allows(world: World) -> None:
    world.queue(VisibilityTimeout="3600")
    world.run()
    most = 0

    def count(_event: Any) -> None:
        nonlocal most
        most = max(most, world.emulator.look("mappings")[0].under_way)

    world.answers = [count]
    world.map(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})

    world.send(*map(str, range(8)))

    assert (len(world.events), most, world.held()) == (8, 2, [])


# What a function answers


@pytest.mark.parametrize(
    ("answer", "handled"),
    [
        (None, True),
        ({}, True),
        ({"batchItemFailures": []}, True),
        ({"batchItemFailures": None}, True),
        ({"another": 1}, True),
        ("text", True),
        ([1], True),
        ({"batchItemFailures": [{"foo": "notvalid"}]}, False),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, False),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, False),
        ({"batchItemFailures": [{"itemIdentifier": "of-another-batch"}]}, False),
        ({"batchItemFailures": ["an-id"]}, False),
        ({"batchItemFailures": "an-id"}, False),
        ({"batchItemFailures": {1, 2}}, False),
    ],
)
def test_a_report_that_makes_no_sense_is_a_failure_of_the_whole_batch(
    world: World, answer: Any, handled: bool
) -> None:
    world.run()
    world.queue()
    world.map(**REPORTING)
    world.answers = [answer]

    world.send("x")

    assert world.held() == ([] if handled else ["x"])


def test_a_message_that_is_reported_twice_is_reported(world: World) -> None:
    world.run()
    world.queue()
    world.map(**REPORTING)
    world.answers = [lambda event: report(*[one["messageId"] for one in event["Records"]] * 2)]

    world.send("x")

    assert world.held() == ["x"]


def test_without_the_setting_a_report_is_ignored(world: World) -> None:
    world.run()
    world.queue()
    world.map()
    world.answers = [lambda event: report(event["Records"][0]["messageId"])]

    world.send("x")

    assert world.held() == []


def test_a_function_that_fails_is_invoked_less_at_a_time(world: World) -> None:
    world.run()
    world.queue()
    world.map(BatchSize=1, ScalingConfig={"MaximumConcurrency": 4})
    world.answers = [RuntimeError("down")]
    world.send(*"1234")

    most = 0

    def count(_event: Any) -> None:
        nonlocal most
        most = max(most, world.emulator.look("mappings")[0].under_way)

    world.answers = [count]
    world.advance(30)

    assert (world.held(), most) == ([], 2)


def test_a_function_that_cannot_be_reached_is_tried_again_while_the_messages_are_hidden(world: World) -> None:
    world.run()
    world.queue(VisibilityTimeout="60")
    world.map()
    world.emulator.fault("failure", resource="orders", reason="unreachable", count=3)

    world.send("x")
    assert world.events == []
    world.advance(7)

    assert [one["attributes"]["ApproximateReceiveCount"] for one in world.events[0]["Records"]] == ["1"]
    assert world.held() == []


def test_what_cannot_be_reached_before_the_visibility_timeout_ends_returns_to_the_queue(world: World) -> None:
    world.run()
    world.queue(VisibilityTimeout="5")
    world.map()
    world.emulator.fault("failure", resource="orders", status=503, count=4)

    world.send("x")
    world.advance(60)

    assert [one["attributes"]["ApproximateReceiveCount"] for one in world.events[0]["Records"]] == ["2"]
    assert world.held() == []


# Filters


def filtering(*patterns: Any) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}}


@pytest.mark.parametrize(
    ("pattern", "body", "passes"),
    [
        ({"body": {"color": ["red"]}}, '{"color": "red"}', True),
        ({"body": {"color": ["red"]}}, '{"color": "blue"}', False),
        ({"body": {"color": ["red"]}}, "red", False),
        ({"body": ["red"]}, "red", True),
        ({"body": ["red"]}, '{"color": "red"}', False),
        ({"body": {"price": [{"numeric": [">", 9]}]}}, '{"price": 10}', True),
        ({"messageAttributes": {"a": {"stringValue": ["1"]}}}, "anything", False),
        ({"eventSource": ["aws:sqs"]}, "anything", True),
    ],
)
def test_a_message_that_no_filter_lets_through_is_deleted_without_an_invocation(
    world: World, pattern: Any, body: str, passes: bool
) -> None:
    world.run()
    world.queue()
    world.map(**filtering(pattern))

    (message_id,) = world.send(body)

    assert world.batches() == ([[body]] if passes else [])
    assert world.held() == []
    filtered = world.emulator.trace(message_id, verb="filtered")
    assert len(filtered) == (not passes)


def test_one_filter_of_several_is_enough_and_what_is_left_out_is_not_in_the_batch(world: World) -> None:
    world.run()
    world.queue()
    world.map(**filtering({"body": {"n": [1]}}, {"body": {"n": [3]}}))
    world.sqs.send_message_batch(
        QueueUrl=world.url(),
        Entries=[{"Id": str(n), "MessageBody": f'{{"n": {n}}}'} for n in range(1, 5)],
    )
    world.advance(0)

    assert sorted(body for batch in world.batches() for body in batch) == ['{"n": 1}', '{"n": 3}']
    assert world.held() == []


# Who is there


def test_without_a_worker_the_messages_stay_and_the_trace_says_what_to_do(world: World) -> None:
    world.create()
    world.queue()
    mapping = world.map()
    world.send("x")

    assert world.held() == ["x"]
    (said,) = world.emulator.trace(resource=mapping["UUID"], verb="waiting")
    assert "pocketbus lambda run orders -- COMMAND" in said.why
    world.run()
    world.advance(0)
    assert (world.batches(), world.held()) == ([["x"]], [])


def test_a_queue_that_is_made_again_is_consumed_again(world: World) -> None:
    world.run()
    world.queue()
    world.map()
    world.sqs.delete_queue(QueueUrl=world.url())
    world.queue()

    world.send("x")

    assert world.batches() == [["x"]]


def test_a_mapping_goes_on_when_the_clock_has_gone_back(world: World) -> None:
    world.run()
    world.queue()
    world.map()
    world.emulator.set(START - 3600)

    world.send("after")
    world.advance(0)
    assert world.batches() == [["after"]]


def test_what_was_gathered_does_not_wait_for_a_window_of_a_later_time(world: World) -> None:
    world.run()
    world.queue()
    world.map(MaximumBatchingWindowInSeconds=60)
    world.send("gathered")

    world.emulator.set(START - 3600)
    world.advance(0)
    assert world.batches() == [["gathered"]]


def test_a_queue_of_which_much_is_due_is_not_moved_in_one_go(world: World) -> None:
    world.run()
    world.queue()

    def pump(engine: Engine) -> int:
        queue = engine.scope("000000000000", "us-east-1").sqs.queues["q"]
        for _ in range(MOST_AT_ONCE + 1):
            queue.send(Text("x"), START, sender_id="", delay_seconds=10)
        engine.clock.set(START + 10)
        engine.scope("000000000000", "us-east-1").functions.create_mapping(
            QUEUE, MappingSettings(FUNCTION), {}, START + 10
        )
        return queue.count(State.READY)

    assert world.emulator.call(pump) == MOST_AT_ONCE
    world.advance(0)
    assert sum(map(len, world.batches())) == MOST_AT_ONCE + 1
