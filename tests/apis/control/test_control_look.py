"""Looking over HTTP: everything there is, nothing consumed; and queues in the shape of ReceiveMessage's answer."""

from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest
from lxml import etree

from pocketbus import Emulator
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection import lists
from pocketbus.emulator.inspection.look import TopicView, topic_view
from pocketbus.emulator.message import Attribute, State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

START = 1_767_225_600.0
BY_URL = "/_aws/sqs/messages"
BY_NAME = "/_aws/sqs/messages/us-east-1/000000000000/orders"
URL = "http://localhost:4566/000000000000/orders"
AS_JSON = {"accept": "application/json"}


@pytest.fixture
def filled(make_queue: Callable[..., Queue]) -> Queue:
    """A queue with a message in each state."""
    queue = make_queue(visibility_timeout=30)
    for body, delay in (("taken", None), ("ready", None), ("delayed", 10)):
        attributes = {"color": Attribute("String", "red"), "raw": Attribute("Binary", b"xx")}
        queue.send(Text(body, attributes), START, sender_id="me", delay_seconds=delay)
        if body == "taken":
            queue.receive(ReceiveRequest(), START)
    return queue


async def looked(http: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:
    answer = await http.get(f"/_pocketbus/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def test_queues_are_shown_with_their_counts(http: httpx.AsyncClient, filled: Queue) -> None:
    (queue,) = (await looked(http, "queues"))["queues"]

    assert (queue["name"], queue["ready"], queue["delayed"], queue["in_flight"]) == ("orders", 1, 1, 1)
    assert queue["settings"]["visibility_timeout"] == 30


async def test_messages_are_shown_in_all_three_states(http: httpx.AsyncClient, filled: Queue) -> None:
    seen = (await looked(http, "messages", queue="orders"))["messages"]

    assert [(one["body"], one["state"], one["receive_count"], one["until"]) for one in seen] == [
        ("taken", "in_flight", 1, START + 30),
        ("ready", "ready", 0, None),
        ("delayed", "delayed", 0, START + 10),
    ]
    assert seen[0]["attributes"] == {
        "color": {"data_type": "String", "value": "red"},
        "raw": {"data_type": "Binary", "value": "eHg="},
    }


async def test_looking_changes_nothing(http: httpx.AsyncClient, filled: Queue) -> None:
    await looked(http, "messages", queue="orders")
    await http.get(BY_URL, params={"QueueUrl": URL, "ShowInvisible": "true", "ShowDelayed": "true"})

    assert [filled.count(state) for state in (State.READY, State.DELAYED, State.IN_FLIGHT)] == [1, 1, 1]


async def test_messages_can_be_asked_for_by_state(http: httpx.AsyncClient, filled: Queue) -> None:
    seen = await looked(http, "messages", queue="orders", state="delayed")

    assert [one["body"] for one in seen["messages"]] == ["delayed"]


async def test_messages_come_in_pages(http: httpx.AsyncClient, filled: Queue) -> None:
    first = await looked(http, "messages", queue="orders", limit=2)
    rest = await looked(http, "messages", queue="orders", limit=2, after=first["next"])

    assert [one["body"] for one in first["messages"]] == ["taken", "ready"]
    assert [one["body"] for one in rest["messages"]] == ["delayed"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "parameters",
    [
        {"queue": "arn:aws:sqs:eu-west-1:000000000000:orders"},
        {"queue": "http://localhost:4566/000000000000/orders", "region": "eu-west-1"},
        {"queue": "http://localhost:4566/queue/eu-west-1/000000000000/orders"},
        {"queue": "orders", "region": "eu-west-1"},
    ],
)
async def test_a_queue_is_named_by_arn_url_or_name(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue], parameters: dict[str, str]
) -> None:
    make_queue(region="eu-west-1").send(Text("here"), START, sender_id="me")

    seen = await looked(http, "messages", **parameters)

    assert [one["body"] for one in seen["messages"]] == ["here"]


async def test_an_unknown_queue_is_not_found(http: httpx.AsyncClient) -> None:
    answer = await http.get("/_pocketbus/messages", params={"queue": "absent"})

    assert (answer.status_code, answer.json()) == (404, {"error": "There is no queue absent."})


async def test_what_left_is_shown_in_the_outbox(http: httpx.AsyncClient, engine: Engine) -> None:
    engine.outbox.capture(Captured(START, "sms", "", "+49170", "hello", {"a": 1}, "not emulated"))

    assert (await looked(http, "outbox"))["outbox"] == [
        {
            "at": START,
            "service": "sms",
            "source": "",
            "target": "+49170",
            "payload": "hello",
            "details": {"a": 1},
            "why": "not emulated",
        }
    ]


def test_topics_subscriptions_buses_rules_archives_and_schedules_are_shown() -> None:
    with Emulator(seed=1) as emulator, httpx.Client(base_url=emulator.url) as http:
        sns, events = emulator.client("sns"), emulator.client("events")
        topic = sns.create_topic(Name="news")["TopicArn"]
        queue = emulator.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:orders")
        bus = events.create_event_bus(Name="shop")["EventBusArn"]
        events.put_rule(Name="all", EventBusName="shop", EventPattern='{"source": ["shop"]}')
        events.create_archive(ArchiveName="kept", EventSourceArn=bus)
        emulator.client("scheduler").create_schedule(
            Name="once",
            ScheduleExpression="at(2099-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": topic, "RoleArn": "arn:aws:iam::000000000000:role/scheduler"},
        )
        seen = {
            noun: http.get(f"/_pocketbus/{noun}").json()[noun]
            for noun in ("topics", "subscriptions", "buses", "rules", "archives", "schedules")
        }

    assert queue
    assert [(one["name"], one["subscriptions"]) for one in seen["topics"]] == [("news", 1)]
    assert [(one["topic"], one["protocol"]) for one in seen["subscriptions"]] == [(topic, "sqs")]
    assert [(one["name"], one["rules"]) for one in seen["buses"]] == [("default", 0), ("shop", 2)]
    assert [one["name"] for one in seen["rules"] if one["managed_by"] is None] == ["all"]
    assert [(one["name"], one["events"]) for one in seen["archives"]] == [("kept", 0)]
    (schedule,) = seen["schedules"]
    assert (schedule["name"], schedule["target"], schedule["next_at"]) == ("once", topic, 4_070_908_800)


def bodies(answer: httpx.Response) -> list[str]:
    if answer.headers["content-type"].startswith("application/x-amz-json"):
        return [message["Body"] for message in answer.json().get("Messages", [])]
    return [found.text for found in etree.fromstring(answer.content).iterfind(".//{*}Body")]


@pytest.mark.parametrize(("path", "where"), [(BY_URL, {"QueueUrl": URL}), (BY_NAME, {})])
@pytest.mark.parametrize("headers", [{}, AS_JSON])
@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ({}, ["ready"]),
        ({"ShowInvisible": "true"}, ["taken", "ready"]),
        ({"ShowDelayed": "true"}, ["ready", "delayed"]),
        ({"ShowInvisible": "true", "ShowDelayed": "true"}, ["taken", "ready", "delayed"]),
    ],
)
async def test_a_queue_is_shown_as_receive_message_would_answer(
    http: httpx.AsyncClient,
    filled: Queue,
    path: str,
    where: dict[str, str],
    headers: dict[str, str],
    flags: dict[str, str],
    shown: list[str],
) -> None:
    assert bodies(await http.get(path, params=where | flags, headers=headers)) == shown


async def test_a_shown_message_has_all_attributes_and_a_handle_that_is_none(
    http: httpx.AsyncClient, filled: Queue
) -> None:
    (message,) = (await http.get(BY_NAME, headers=AS_JSON)).json()["Messages"]

    assert message["ReceiptHandle"] == "SQS/BACKDOOR/ACCESS"
    assert message["Attributes"]["ApproximateReceiveCount"] == "0"
    assert message["MessageAttributes"]["color"] == {"DataType": "String", "StringValue": "red"}


async def test_the_queue_can_be_named_in_a_form(http: httpx.AsyncClient, filled: Queue) -> None:
    answer = await http.post(BY_URL, data={"Action": "ReceiveMessage", "QueueUrl": URL})

    assert bodies(answer) == ["ready"]


def test_an_sdk_can_be_pointed_at_the_messages() -> None:
    with Emulator() as emulator:
        url = emulator.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        emulator.client("sqs").send_message(QueueUrl=url, MessageBody="job")
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        looking = session.client("sqs", endpoint_url=f"{emulator.url}{BY_URL}", region_name="us-east-1")
        seen = [looking.receive_message(QueueUrl=url)["Messages"][0]["Body"] for _ in range(2)]
        looking.close()

    assert seen == ["job", "job"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (BY_URL, "MissingParameter"),
        (
            f"{BY_URL}?QueueUrl=http://localhost:4566/000000000000/absent",
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        ("/_aws/sqs/messages/eu-west-1/000000000000/orders", "AWS.SimpleQueueService.NonExistentQueue"),
    ],
)
async def test_a_queue_that_is_not_there_is_told_in_the_words_of_sqs(
    http: httpx.AsyncClient, filled: Queue, path: str, code: str
) -> None:
    answer = await http.get(path)

    assert answer.status_code == 400
    assert f"<Code>{code}</Code>" in answer.text


async def test_what_a_page_leaves_out_is_passed_by_without_a_look(
    engine: Engine, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        engine.scope("000000000000", "us-east-1").sns.create_topic(f"t{number}", TopicSettings(), {})
    shown: list[str] = []

    def show(topic: Topic) -> TopicView:
        shown.append(topic.name)
        return topic_view(topic)

    monkeypatch.setattr(lists, "topic_view", show)
    page = await looked(http, "topics", after=15, limit=2)

    assert [topic["name"] for topic in page["topics"]] == ["t15", "t16"]
    assert shown == ["t15", "t16", "t17"]  # one more tells that there is another page
