"""Trouble on purpose as boto3 meets it: in process, and over a real socket."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pocketbus import Emulator
from pocketbus.emulator.trouble.effects import FaultError

Connect = Callable[..., Any]
NO_RETRIES = {"total_max_attempts": 1}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        yield emulator


@pytest.fixture(params=["in process", "over a socket"])
def connect(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Connect]:
    """Make boto3 clients that do not try again unless they are told to."""
    clients = []

    def connect(service: str, retries: dict[str, Any] | None = None, **options: Any) -> Any:
        config = Config(retries=retries or NO_RETRIES, **options)
        if request.param == "in process":
            client = emulator.client(service, config=config)
        else:
            session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
            client = session.client(service, "us-east-1", endpoint_url=emulator.url, config=config)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def queue(emulator: Emulator) -> str:
    url: str = emulator.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    return url


def bodies(emulator: Emulator) -> list[str]:
    return [message.body for message in emulator.messages("orders")]


def test_an_error_is_answered_and_nothing_is_done(emulator: Emulator, connect: Connect, queue: str) -> None:
    emulator.fault("error", code="OverLimit", message="Too much.", operation="SendMessage")

    with pytest.raises(ClientError) as refusal:
        connect("sqs").send_message(QueueUrl=queue, MessageBody="one")
    error = refusal.value.response["Error"]
    assert (error["Code"], error["Message"], error["Type"]) == ("OverLimit", "Too much.", "Sender")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert bodies(emulator) == []


def test_an_error_of_ones_own_has_the_status_it_was_given(
    emulator: Emulator, connect: Connect, queue: str
) -> None:
    emulator.fault("error", code="OutOfCoffee", status=503)

    with pytest.raises(ClientError) as refusal:
        connect("sqs").send_message(QueueUrl=queue, MessageBody="one")
    assert refusal.value.response["Error"]["Code"] == "OutOfCoffee"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("sqs", "list_queues", {}, "RequestThrottled"),
        ("sns", "list_topics", {}, "Throttled"),
        ("events", "list_rules", {}, "ThrottlingException"),
        ("sts", "get_caller_identity", {}, "ThrottlingException"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    emulator: Emulator, connect: Connect, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    emulator.fault("throttle", service=service)

    with pytest.raises(ClientError) as refusal:
        getattr(connect(service), operation)(**parameters)
    assert refusal.value.response["Error"]["Code"] == code


def test_a_client_that_is_throttled_once_gets_through_by_itself(
    emulator: Emulator, connect: Connect, queue: str
) -> None:
    emulator.fault("throttle", operation="SendMessage", count=1)
    sqs = connect("sqs", {"mode": "standard", "total_max_attempts": 3})

    answer = sqs.send_message(QueueUrl=queue, MessageBody="one")
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert bodies(emulator) == ["one"]


def test_a_producer_that_hears_nothing_sends_twice(emulator: Emulator, connect: Connect, queue: str) -> None:
    emulator.fault("cut", when="after", operation="SendMessage", count=1)
    sqs = connect("sqs", {"mode": "standard", "total_max_attempts": 3})

    sqs.send_message(QueueUrl=queue, MessageBody="one")
    assert bodies(emulator) == ["one", "one"]


def test_a_connection_that_is_cut_before_leaves_nothing_done(
    emulator: Emulator, connect: Connect, queue: str
) -> None:
    emulator.fault("cut", when="before", operation="SendMessage", count=1)

    with pytest.raises(ConnectionClosedError):
        connect("sqs").send_message(QueueUrl=queue, MessageBody="one")
    assert bodies(emulator) == []


def test_the_server_goes_on_after_a_cut(
    emulator: Emulator, connect: Connect, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.fault("cut", when="before", operation="SendMessage", count=1)
    sqs = connect("sqs")

    with pytest.raises(ConnectionClosedError):
        sqs.send_message(QueueUrl=queue, MessageBody="one")
    sqs.send_message(QueueUrl=queue, MessageBody="two")
    assert bodies(emulator) == ["two"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_slow_answer_takes_its_time(emulator: Emulator, connect: Connect, queue: str) -> None:
    emulator.fault("latency", delay=0.05, operation="SendMessage")
    sqs = connect("sqs")
    started = time.perf_counter()

    sqs.send_message(QueueUrl=queue, MessageBody="one")
    assert time.perf_counter() - started >= 0.05


def test_a_client_gives_up_on_an_answer_that_is_too_slow(emulator: Emulator, queue: str) -> None:
    emulator.fault("latency", delay=30, operation="SendMessage", count=1)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
    config = Config(retries=NO_RETRIES, read_timeout=0.1)
    sqs = session.client("sqs", "us-east-1", endpoint_url=emulator.url, config=config)

    with pytest.raises(ReadTimeoutError):
        sqs.send_message(QueueUrl=queue, MessageBody="one")
    sqs.close()
    assert bodies(emulator) == []


def test_some_entries_of_a_batch_fail(emulator: Emulator, connect: Connect, queue: str) -> None:
    emulator.fault("partial", operation="SendMessageBatch", count=1)

    answer = connect("sqs").send_message_batch(
        QueueUrl=queue,
        Entries=[{"Id": "a", "MessageBody": "one"}, {"Id": "b", "MessageBody": "two"}],
    )
    assert answer["Failed"] == [
        {
            "Id": "a",
            "SenderFault": False,
            "Code": "InternalFailure",
            "Message": "A fault was set to answer so.",
        }
    ]
    assert [entry["Id"] for entry in answer["Successful"]] == ["b"]
    assert bodies(emulator) == ["two"]


def test_some_entries_of_a_publish_batch_fail(emulator: Emulator, connect: Connect) -> None:
    sns = connect("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    emulator.fault("partial", resource="news", count=1)

    answer = sns.publish_batch(
        TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2"}]
    )
    assert [entry["Id"] for entry in answer["Failed"]] == ["a"]
    assert [entry["Id"] for entry in answer["Successful"]] == ["b"]


def test_some_events_of_put_events_fail(emulator: Emulator, connect: Connect) -> None:
    emulator.fault(
        "partial", operation="PutEvents", code="ThrottlingException", message="Rate exceeded", count=1
    )

    answer = connect("events").put_events(
        Entries=[{"Source": "shop", "DetailType": "placed", "Detail": "{}"}] * 2
    )
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}
    assert "EventId" in answer["Entries"][1]


def test_a_batch_that_is_wrong_as_a_whole_is_refused_as_ever(
    emulator: Emulator, connect: Connect, queue: str
) -> None:
    emulator.fault("partial")

    with pytest.raises(ClientError, match="Id a repeated"):
        connect("sqs").send_message_batch(
            QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "one"}, {"Id": "a", "MessageBody": "two"}]
        )


@pytest.mark.parametrize(
    ("where", "strikes"),
    [
        ({"resource": "orders"}, True),
        ({"resource": "mails"}, False),
        ({"resource": "http*/orders"}, True),
        ({"operation": "Send*"}, True),
        ({"operation": "ReceiveMessage"}, False),
        ({"service": "sns"}, False),
        ({"account": "000000000000"}, True),
        ({"account": "111111111111"}, False),
    ],
)
def test_an_error_strikes_where_it_says(
    emulator: Emulator, queue: str, where: dict[str, str], strikes: bool
) -> None:
    emulator.fault("error", code="InternalFailure", **where)  # type: ignore[arg-type]
    sqs = emulator.client("sqs", config=Config(retries=NO_RETRIES))

    if strikes:
        with pytest.raises(ClientError):
            sqs.send_message(QueueUrl=queue, MessageBody="one")
    else:
        sqs.send_message(QueueUrl=queue, MessageBody="one")


def test_an_error_strikes_at_a_bus_that_the_entries_name(emulator: Emulator) -> None:
    events = emulator.client("events", config=Config(retries=NO_RETRIES))
    events.create_event_bus(Name="shop")
    emulator.fault("error", code="InternalException", operation="PutEvents", resource="shop")
    entry = {"Source": "shop", "DetailType": "placed", "Detail": "{}"}

    events.put_events(Entries=[entry])
    with pytest.raises(ClientError):
        events.put_events(Entries=[entry | {"EventBusName": "shop"}])


def test_the_query_protocol_has_the_same_trouble(emulator: Emulator, queue: str) -> None:
    emulator.fault("error", code="OverLimit", operation="ReceiveMessage", count=1)

    answer = httpx.get(f"{emulator.url}/000000000000/orders?Action=ReceiveMessage")
    assert answer.status_code == 403
    assert "<Code>OverLimit</Code>" in answer.text
    assert httpx.get(f"{emulator.url}/000000000000/orders?Action=ReceiveMessage").status_code == 200


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        (
            "error",
            {"code": "X", "service": "s3"},
            "'s3' is no service; there are sqs, sns, events, scheduler, lambda, pipes, sts.",
        ),
        (
            "error",
            {"code": "X", "operation": "Sendmessage"},
            "No operation that error can strike at is named ",
        ),
        (
            "partial",
            {"operation": "SendMessage"},
            "No operation that partial can strike at is named SendMessage.",
        ),
        ("reorder", {"operation": "SendMessage"}, "A fault of the kind reorder strikes at no operation; "),
        (
            "duplicate",
            {"service": "sqs"},
            "A fault of the kind duplicate is not for one service; name a resource.",
        ),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(
    emulator: Emulator, kind: str, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(FaultError) as refusal:
        emulator.fault(kind, **options)
    assert str(refusal.value).startswith(why)


def test_the_control_paths_have_no_trouble(emulator: Emulator) -> None:
    emulator.fault("error", code="InternalFailure")

    assert httpx.get(f"{emulator.url}/_pocketbus/health").json()["status"] == "ok"


def test_the_trace_tells_of_a_request_by_its_id(emulator: Emulator, queue: str) -> None:
    emulator.fault("error", code="OverLimit", operation="ReceiveMessage")
    answer = httpx.post(
        emulator.url,
        headers={"x-amz-target": "AmazonSQS.ReceiveMessage", "content-type": "application/x-amz-json-1.0"},
        content=json.dumps({"QueueUrl": queue}),
    )

    (record,) = emulator.trace(answer.headers["x-amzn-requestid"])
    assert (record.verb, record.resource) == ("faulted", queue)
    assert record.why == "fault 1: error at ReceiveMessage"
