"""Where a pipe's records come from: queues, and what a test feeds in the place of streams, Kafka and brokers."""

import json
from base64 import b64encode
from typing import Any

import pytest

from tests.apis.awslambda.conftest import ARN, START, report
from tests.apis.pipes.conftest import PIPE, World

STREAM = ARN("kinesis", "stream/s")
TABLE = ARN("dynamodb", "table/t/stream/x")
FUNCTION = ARN("lambda", "function:orders")
DEAD = ARN("sqs", "dead")


def filtered(*patterns: Any) -> dict[str, Any]:
    """Return source parameters with filters."""
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}}


def batched(**settings: int) -> dict[str, Any]:
    return {"SqsQueueParameters": settings}


def stream(**settings: Any) -> dict[str, Any]:
    """Return what a pipe from a stream to the function `orders` is made with."""
    parameters = {"StartingPosition": "LATEST", **settings}
    return {
        "Source": STREAM,
        "Target": FUNCTION,
        "SourceParameters": {"KinesisStreamParameters": parameters},
    }


def change(number: int) -> dict[str, Any]:
    """Return a record of a stream."""
    data = b64encode(json.dumps({"n": number}).encode()).decode()
    return {"eventID": f"shard-1:{number}", "sequenceNumber": str(number), "partitionKey": "k", "data": data}


def ids(world: World) -> list[list[str]]:
    """Return which records the function was given, batch by batch."""
    return [[record["eventID"] for record in event] for event in world.events]


# Queues


def test_a_message_passes_as_the_record_that_lambda_would_get(world: World) -> None:
    world.pipe()

    (message_id,) = world.put(
        "hello", MessageAttributes={"color": {"DataType": "String", "StringValue": "red"}}
    )

    (record,) = world.records()
    assert record.pop("receiptHandle")
    assert record == {
        "messageId": message_id,
        "body": "hello",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str((START + 1) * 1000),
            "SenderId": record["attributes"]["SenderId"],
            "ApproximateFirstReceiveTimestamp": str((START + 1) * 1000),
        },
        "messageAttributes": {
            "color": {
                "stringValue": "red",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfMessageAttributes": record["md5OfMessageAttributes"],
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN("sqs", "source"),
        "awsRegion": "us-east-1",
    }
    assert world.held("source") == []


def test_what_no_filter_lets_through_is_deleted(world: World) -> None:
    world.pipe(SourceParameters=filtered({"body": {"n": [1]}}, {"body": {"n": [{"numeric": [">", 5]}]}}))

    dropped, *_ = world.put({"n": 2}, {"n": 1}, {"n": 7}, "text")

    assert [json.loads(record["body"])["n"] for record in world.records()] == [1, 7]
    assert world.held("source") == []
    (filtered_out,) = world.emulator.trace(dropped, verb="filtered")
    assert (filtered_out.resource, filtered_out.why) == (PIPE, "body.n: found 2, wanted 1")


def test_filters_see_what_a_message_has_beside_its_body(world: World) -> None:
    wanted = {"messageAttributes": {"color": {"stringValue": ["red"]}}, "body": [{"prefix": "a"}]}
    world.pipe(SourceParameters=filtered(wanted))
    red = {"color": {"DataType": "String", "StringValue": "red"}}

    world.put("abc", MessageAttributes=red)
    world.put("abc")
    world.put("xyz", MessageAttributes=red)

    assert [record["body"] for record in world.records()] == ["abc"]


def test_filters_do_not_see_what_the_poller_adds(world: World) -> None:
    world.pipe(
        SourceParameters=filtered({"eventSource": [{"exists": False}], "awsRegion": [{"exists": False}]})
    )

    world.put("seen")

    assert len(world.records()) == 1


def test_a_batch_waits_for_its_size_or_the_end_of_its_window(world: World) -> None:
    world.run()
    window = batched(BatchSize=3, MaximumBatchingWindowInSeconds=20)
    world.pipe(Target=FUNCTION, SourceParameters=window)

    world.put("1", "2")
    assert world.events == []
    world.put("3")
    assert [[one["body"] for one in event] for event in world.events] == [["1", "2", "3"]]
    world.put("4")
    world.advance(20)
    assert [one["body"] for one in world.events[1]] == ["4"]


def test_a_batch_of_one_is_an_array_of_one(world: World) -> None:
    world.run()
    world.pipe(Target=FUNCTION, SourceParameters=batched(BatchSize=1))

    world.put("1", "2")

    assert [[one["body"] for one in event] for event in world.events] == [["1"], ["2"]]


def test_what_fails_returns_after_its_visibility_timeout_and_goes_to_the_dead_letter_queue_of_its_queue(
    world: World,
) -> None:
    world.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 2})
    world.queue("poor", VisibilityTimeout="30", RedrivePolicy=policy)
    world.run()
    world.answers = [RuntimeError("no")]
    world.pipe(Source=ARN("sqs", "poor"), Target=FUNCTION)

    world.put("x", queue="poor")
    assert (len(world.events), world.held("poor")) == (1, ["x"])
    world.advance(29)
    assert len(world.events) == 1
    world.advance(1)
    assert len(world.events) == 2
    world.advance(30)

    assert (len(world.events), world.held("poor"), world.held("dead")) == (2, [], ["x"])


def test_a_group_of_a_fifo_queue_waits_for_its_failed_message(world: World) -> None:
    world.queue("line.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="30")
    world.run()
    world.answers = [lambda event: report(event[0]["messageId"]), None]
    world.pipe(Source=ARN("sqs", "line.fifo"), Target=FUNCTION, SourceParameters=batched(BatchSize=1))

    world.put("a1", queue="line.fifo", MessageGroupId="a")
    world.put("a2", queue="line.fifo", MessageGroupId="a")
    world.put("b1", queue="line.fifo", MessageGroupId="b")

    def passed() -> list[str]:
        return [one["body"] for event in world.events for one in event]

    assert passed() == ["a1", "b1"]
    world.advance(30)
    assert passed() == ["a1", "b1", "a1", "a2"]
    assert world.held("line.fifo") == []


def test_a_pipe_waits_until_somebody_runs_its_function_and_says_so(world: World) -> None:
    world.pipe(Target=FUNCTION)
    world.put("x")

    assert world.held("source") == ["x"]
    (said,) = world.emulator.trace(resource=PIPE, verb="waiting")
    assert said.why.startswith("source: Nothing runs the function orders here. Attach a worker")

    world.run()
    world.advance(0)
    assert (len(world.events), world.held("source")) == (1, [])


def test_what_is_under_way_when_the_settings_change_ends_by_the_old_ones(world: World) -> None:
    world.pipe(SourceParameters=batched(MaximumBatchingWindowInSeconds=20))
    world.put("old")

    world.update(Target=ARN("sqs", "elsewhere"))

    assert [record["body"] for record in world.records()] == ["old"]


def test_a_message_is_followed_across_the_pipe(world: World) -> None:
    world.pipe()

    (message_id,) = world.put("x")

    steps = [(record.verb, record.resource.rpartition(":")[2]) for record in world.emulator.trace(message_id)]
    assert steps == [
        ("sent", "source"),
        ("received", "source"),
        ("piped", "pipe/p"),
        ("sent", "target"),
        ("delivered", "target"),
        ("deleted", "source"),
    ]
    (arrived,) = world.emulator.messages("target")
    assert "piped" in [one.verb for one in world.emulator.trace(arrived.message_id)]


# What a test feeds


@pytest.mark.parametrize(
    ("source", "parameters", "name"),
    [
        (STREAM, {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}, "aws:kinesis"),
        (TABLE, {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}, "aws:dynamodb"),
        (ARN("kafka", "cluster/c/1"), {"ManagedStreamingKafkaParameters": {"TopicName": "to"}}, "aws:kafka"),
        (
            "smk://broker.example.com:9092",
            {"SelfManagedKafkaParameters": {"TopicName": "to", "Vpc": {"Subnets": ["subnet-1"]}}},
            "SelfManagedKafka",
        ),
        (
            ARN("mq", "broker:b"),
            {
                "RabbitMQBrokerParameters": {
                    "QueueName": "q",
                    "Credentials": {"BasicAuth": ARN("secretsmanager", "secret:s")},
                }
            },
            "aws:mq",
        ),
    ],
)
def test_other_sources_have_nothing_to_read_but_what_is_fed(
    world: World, source: str, parameters: Any, name: str
) -> None:
    world.pipe(Source=source, SourceParameters=parameters)
    (view,) = world.emulator.look("pipes")

    (record_id,) = world.feed({"data": "x"})

    assert (view.reads, view.state) == (False, "RUNNING")
    (record,) = world.records()
    assert record["eventSource"] == name
    assert record_id in record.values()
    assert [one.verb for one in world.emulator.trace(record_id)][:2] == ["fed", "piped"]


def test_what_is_fed_is_filtered_and_decoded(world: World) -> None:
    world.pipe(
        Source=STREAM,
        SourceParameters={
            "KinesisStreamParameters": {"StartingPosition": "LATEST"},
            **filtered({"partitionKey": ["k"]}),
        },
        TargetParameters={"InputTemplate": '{"n": <$.data.n>}'},
    )

    world.feed(change(1), change(2) | {"partitionKey": "other"})

    assert world.records() == [{"n": 1}]


def test_a_fed_batch_has_its_size_or_waits_for_its_window(world: World) -> None:
    world.run()
    world.pipe(**stream(BatchSize=2, MaximumBatchingWindowInSeconds=10))

    world.feed(change(1), change(2), change(3))
    assert ids(world) == [["shard-1:1", "shard-1:2"]]
    world.advance(10)

    assert ids(world) == [["shard-1:1", "shard-1:2"], ["shard-1:3"]]


def test_records_that_fail_are_tried_again_in_order_and_then_told_to_the_dead_letter_queue(
    world: World,
) -> None:
    world.queue("dead")
    world.run()
    world.answers = [RuntimeError("no")]
    world.pipe(**stream(MaximumRetryAttempts=2, DeadLetterConfig={"Arn": DEAD}))

    world.feed(change(1), change(2))
    world.advance(60)

    assert ids(world) == [["shard-1:1", "shard-1:2"]] * 3
    (letter,) = world.records("dead")
    assert letter["context"] == {"partnerResourceArn": PIPE, "condition": "RetryAttemptsExhausted"}
    batch = letter["KinesisBatchInfo"]
    assert (batch["shardId"], batch["batchSize"], batch["streamArn"]) == ("shard-1", 2, STREAM)
    assert (batch["startSequenceNumber"], batch["endSequenceNumber"]) == ("1", "2")


def test_a_change_of_a_table_is_named_by_its_own_sequence_number(world: World) -> None:
    world.queue("dead")
    world.run()
    world.answers = [RuntimeError("no")]
    parameters = {"StartingPosition": "LATEST", "MaximumRetryAttempts": 0, "DeadLetterConfig": {"Arn": DEAD}}
    world.pipe(Source=TABLE, Target=FUNCTION, SourceParameters={"DynamoDBStreamParameters": parameters})

    world.feed({"eventName": "INSERT", "dynamodb": {"SequenceNumber": "111"}})

    (letter,) = world.records("dead")
    assert letter["DDBStreamBatchInfo"]["startSequenceNumber"] == "111"


def test_a_batch_that_fails_is_halved_until_one_record_remains(world: World) -> None:
    world.queue("dead")
    world.run()

    def refuse_three(event: Any) -> Any:
        return RuntimeError("no") if "shard-1:3" in [one["eventID"] for one in event] else None

    world.answers = [refuse_three]
    world.pipe(
        **stream(
            OnPartialBatchItemFailure="AUTOMATIC_BISECT",
            MaximumRetryAttempts=0,
            DeadLetterConfig={"Arn": DEAD},
        )
    )

    world.feed(*map(change, range(1, 5)))

    assert ids(world) == [
        ["shard-1:1", "shard-1:2", "shard-1:3", "shard-1:4"],
        ["shard-1:1", "shard-1:2"],
        ["shard-1:3", "shard-1:4"],
        ["shard-1:3"],
        ["shard-1:4"],
    ]
    (letter,) = world.records("dead")
    assert (letter["KinesisBatchInfo"]["startSequenceNumber"], letter["KinesisBatchInfo"]["batchSize"]) == (
        "3",
        1,
    )


def test_a_stream_goes_on_from_the_first_record_that_failed(world: World) -> None:
    world.run()
    world.answers = [report("shard-1:2"), None]
    world.pipe(**stream())

    world.feed(*map(change, range(1, 4)))
    world.advance(5)

    assert ids(world) == [["shard-1:1", "shard-1:2", "shard-1:3"], ["shard-1:2", "shard-1:3"]]


def test_records_that_are_too_old_are_given_up(world: World) -> None:
    world.queue("dead")
    world.run()
    world.answers = [RuntimeError("no")]
    world.pipe(**stream(MaximumRecordAgeInSeconds=60, DeadLetterConfig={"Arn": DEAD}))

    world.feed(change(1))
    world.advance(300)

    (letter,) = world.records("dead")
    assert letter["context"]["condition"] == "RecordAgeExceeded"
    assert 5 < len(world.events) < 9


def test_what_has_no_meaning_here_is_kept_and_shown(world: World) -> None:
    parameters = {
        "StartingPosition": "AT_TIMESTAMP",
        "StartingPositionTimestamp": 1_700_000_000,
        "ParallelizationFactor": 2,
    }

    world.pipe(**stream(**parameters))

    shown = world.pipes.describe_pipe(Name="p")["SourceParameters"]["KinesisStreamParameters"]
    assert shown["StartingPositionTimestamp"].timestamp() == 1_700_000_000
    assert (shown["StartingPosition"], shown["ParallelizationFactor"], shown["BatchSize"]) == (
        "AT_TIMESTAMP",
        2,
        100,
    )


def test_a_stopped_pipe_keeps_what_it_is_fed(world: World) -> None:
    world.run()
    world.pipe(**stream(), DesiredState="STOPPED")

    world.feed(change(1))
    (view,) = world.emulator.look("pipes")
    assert (view.fed, world.events) == (1, [])

    world.pipes.start_pipe(Name="p")
    world.advance(1)
    assert ids(world) == [["shard-1:1"]]


def test_a_queue_is_sent_messages_and_not_fed(world: World) -> None:
    world.pipe()

    with pytest.raises(ValueError, match="The source of p is a queue: send the messages there"):
        world.feed({"body": "x"})


def test_data_that_is_no_base64_goes_through_as_it_is(world: World) -> None:
    stream = {"StartingPosition": "LATEST"}
    world.pipe(Source=ARN("kinesis", "stream/clicks"), SourceParameters={"KinesisStreamParameters": stream})

    world.feed({"data": "é"})

    assert [record["data"] for record in world.records()] == ["é"]
