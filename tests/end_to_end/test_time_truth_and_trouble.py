"""What a test needs and AWS does not give: each thing once over HTTP, as any language has it, and once in Python."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pocketbus import Emulator

NEW_YEAR = "2026-01-01T00:00:00Z"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:orders"
TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:news"
ONLY_RED = '{"color": ["red"]}'


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, serve=True) as emulator:
        emulator.freeze()
        emulator.set(NEW_YEAR)
        yield emulator


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client that knows nothing of Python's emulator but its address."""
    with httpx.Client(base_url=emulator.url) as http:
        yield http


def aws(http: httpx.Client, action: str, **parameters: str) -> str:
    """Call an operation as curl would."""
    answer = http.get("/", params={"Action": action, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.text


def on_queue(http: httpx.Client, action: str, **parameters: str) -> str:
    answer = http.get("/000000000000/orders", params={"Action": action, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.text


def control(http: httpx.Client, method: str, path: str, **parameters: Any) -> dict[str, Any]:
    answer = http.request(method, f"/_pocketbus/{path}", params=parameters)
    told: dict[str, Any] = answer.json()
    return told


# The clock


def test_the_clock_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    on_queue(http, "SendMessage", MessageBody="order 7", DelaySeconds="900")
    assert "order 7" not in on_queue(http, "ReceiveMessage")

    fired = control(http, "POST", "clock/advance", by="PT15M")["fired"]
    assert [(record["verb"], record["why"]) for record in fired] == [("appeared", "delay over")]
    assert control(http, "GET", "clock")["time"] == "2026-01-01T00:15:00.000Z"
    assert "order 7" in on_queue(http, "ReceiveMessage")


def test_the_clock_in_python(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="order 7")

    assert [record.verb for record in emulator.advance("P4D")] == ["expired"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


# The trace


def test_the_trace_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    on_queue(http, "SendMessage", MessageBody="order 7")
    on_queue(http, "ReceiveMessage", VisibilityTimeout="60")
    control(http, "POST", "clock/advance", by="60")

    records = control(http, "GET", "trace", resource="orders")["records"]
    assert [(record["verb"], record["why"]) for record in records] == [
        ("sent", ""),
        ("received", ""),
        ("returned", "visibility timeout over"),
    ]


def test_the_trace_in_python(emulator: Emulator) -> None:
    events, sqs = emulator.client("events"), emulator.client("sqs")
    sqs.create_queue(QueueName="orders")
    events.put_rule(Name="high-value", EventPattern='{"detail": {"total": [{"numeric": [">", 1000]}]}}')
    events.put_targets(Rule="high-value", Targets=[{"Id": "queue", "Arn": QUEUE_ARN}])
    entry = {"Source": "shop", "DetailType": "order.placed", "Detail": '{"total": 2400}'}
    event_id = events.put_events(Entries=[entry])["Entries"][0]["EventId"]

    story = emulator.trace(event_id)
    assert [record.verb for record in story] == ["accepted", "matched", "sent", "delivered"]


# Explain


def test_explain_over_http(http: httpx.Client) -> None:
    aws(http, "CreateTopic", Name="news")
    attributes = {"Attributes.entry.1.key": "FilterPolicy", "Attributes.entry.1.value": ONLY_RED}
    aws(http, "Subscribe", TopicArn=TOPIC_ARN, Protocol="sqs", Endpoint=QUEUE_ARN, **attributes)

    answer = http.post(
        "/_pocketbus/explain", json={"message": "hello", "topic": "news", "attributes": {"color": "blue"}}
    )
    (verdict,) = answer.json()["verdicts"]
    assert (verdict["matches"], verdict["why"]) == (False, 'color: found "blue", wanted "red"')


def test_explain_in_python(emulator: Emulator) -> None:
    events = emulator.client("events")
    events.put_rule(Name="shop", EventPattern='{"source": ["shop"]}')

    (verdict,) = emulator.explain_event({"source": "bank", "detail": {}})
    assert (verdict.matches, verdict.why) == (False, 'source: found "bank", wanted "shop"')


# Look


def test_a_look_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    on_queue(http, "SendMessage", MessageBody="order 7")

    (message,) = control(http, "GET", "messages", queue="orders")["messages"]
    assert (message["body"], message["state"], message["receive_count"]) == ("order 7", "ready", 0)
    assert "<Body>order 7</Body>" in http.get("/_aws/sqs/messages/us-east-1/000000000000/orders").text


def test_a_look_in_python(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="order 7")
    sqs.receive_message(QueueUrl=queue)

    (message,) = emulator.messages("orders")
    assert (message.body, message.state, message.receive_count) == ("order 7", "in_flight", 1)
    assert [view.name for view in emulator.look("queues")] == ["orders"]


# Wait


def test_a_wait_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    on_queue(http, "SendMessage", MessageBody='{"total": 2400}')

    found = control(http, "GET", "wait", queue="orders", matching="from_json(body).total > `1000`")
    assert (found["met"], found["items"][0]["body"]) == (True, '{"total": 2400}')
    assert control(http, "GET", "wait", queue="orders", count=2, timeout=0.05)["met"] is False


def test_a_wait_in_python(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"total": 2400}')

    (message,) = emulator.wait("orders", matching="from_json(body).total > `1000`")
    assert message["body"] == '{"total": 2400}'
    with pytest.raises(TimeoutError, match="did not come; there were 1 matches"):
        emulator.wait("orders", count=2, timeout=0.05)


# Trouble


def test_trouble_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    control(http, "POST", "faults", kind="cut", when="after", operation="SendMessage", count=1)

    with pytest.raises(httpx.RemoteProtocolError):
        on_queue(http, "SendMessage", MessageBody="order 7")
    on_queue(http, "SendMessage", MessageBody="order 7")
    messages = control(http, "GET", "messages", queue="orders")["messages"]
    assert [message["body"] for message in messages] == ["order 7", "order 7"]


def test_trouble_in_python(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    emulator.preset("at-least-once")
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)

    received = []
    while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
        received.append(messages[0]["Body"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    assert sorted(received) == ["first", "first", "second", "second"]
    assert received[0] == "second"


# State


def test_the_state_over_http(http: httpx.Client) -> None:
    aws(http, "CreateQueue", QueueName="orders")
    on_queue(http, "SendMessage", MessageBody="order 7")
    state = http.get("/_pocketbus/state").content
    control(http, "POST", "state/snapshots/save", name="before")
    control(http, "POST", "state/reset", service="sqs")
    assert control(http, "GET", "queues")["queues"] == []

    http.put("/_pocketbus/state", content=state)
    assert "order 7" in on_queue(http, "ReceiveMessage")
    control(http, "POST", "state/snapshots/restore", name="before")
    assert http.get("/_pocketbus/state").content == state


def test_the_state_in_python(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    emulator.save("empty")
    sqs.send_message(QueueUrl=queue, MessageBody="order 7")
    document = emulator.export_state()

    emulator.restore("empty")
    assert emulator.messages("orders") == []
    emulator.import_state(document)
    assert emulator.messages("orders")[0].body == "order 7"


# Browsers


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_web_page_from_elsewhere_is_refused(http: httpx.Client, headers: dict[str, str]) -> None:
    assert http.post("/_pocketbus/reset", headers=headers).status_code == 403
