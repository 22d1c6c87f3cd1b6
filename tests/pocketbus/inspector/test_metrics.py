"""The metrics: literal counts after a scripted run, in a form that Prometheus's own parser accepts."""

import json
import re
from itertools import count
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from pocketbus import Emulator
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.tally import Tally
from pocketbus.inspector.mount import create_inspected_app
from tests.apis.asgi import ask, ask_form
from tests.calls import counted

Labels = tuple[tuple[str, str], ...]
PLACE = {"account": "000000000000", "region": "us-east-1"}
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scrape:
    """The samples of one scrape, by name and labels."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples.get((f"pocketbus_{name}", tuple(sorted(labels.items()))))

    def queue(self, name: str, queue: str) -> float | None:
        return self.value(f"sqs_{name}", queue=queue, **PLACE)


def scrape(emulator: Emulator) -> Scrape:
    return Scrape(httpx.get(f"{emulator.url}/metrics").text)


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


@pytest.fixture
def run(emulator: Emulator) -> Emulator:
    """Ten messages: two deleted, three in flight, one delayed, one a dead letter; one duplicate; events and topics."""
    emulator.freeze()
    sqs, sns, events = (emulator.client(name) for name in ("sqs", "sns", "events"))
    sqs.create_queue(QueueName="dead")
    policy = json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1})
    poison = sqs.create_queue(
        QueueName="poison", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    )
    jobs = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=poison["QueueUrl"], MessageBody="bad")
    for _ in range(2):
        sqs.receive_message(QueueUrl=poison["QueueUrl"])
    for number in range(9):
        sqs.send_message(QueueUrl=jobs, MessageBody=str(number))
    sqs.send_message(QueueUrl=jobs, MessageBody="later", DelaySeconds=900)
    received = sqs.receive_message(QueueUrl=jobs, MaxNumberOfMessages=5)["Messages"]
    for message in received[:2]:
        sqs.delete_message(QueueUrl=jobs, ReceiptHandle=message["ReceiptHandle"])
    fifo = sqs.create_queue(QueueName="f.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for _ in range(2):
        sqs.send_message(QueueUrl=fifo, MessageBody="m", MessageGroupId="g", MessageDeduplicationId="d")
    topic = sns.create_topic(Name="news")["TopicArn"]
    for queue, filtered in (("jobs", {}), ("dead", {"FilterPolicy": '{"color": ["red"]}'})):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn(queue), Attributes=filtered)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("gone"))
    sns.publish(TopicArn=topic, Message="m")
    events.put_rule(Name="big", EventPattern='{"detail": {"n": [2]}}')
    events.put_targets(Rule="big", Targets=[{"Id": "q", "Arn": arn("jobs")}, {"Id": "g", "Arn": arn("gone")}])
    for number in (1, 2, 3):
        events.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": json.dumps({"n": number})}])
    emulator.advance(10)
    return emulator


def test_a_queues_messages_are_told_by_state_with_the_age_of_the_oldest(run: Emulator) -> None:
    told = scrape(run)

    # One came from the topic and one from the rule.
    assert told.queue("approximate_number_of_messages_visible", "jobs") == 6
    assert told.queue("approximate_number_of_messages_not_visible", "jobs") == 3
    assert told.queue("approximate_number_of_messages_delayed", "jobs") == 1
    assert told.queue("approximate_age_of_oldest_message_seconds", "jobs") == 10
    assert told.queue("approximate_age_of_oldest_message_seconds", "poison") == 0
    assert told.queue("approximate_number_of_messages_visible", "dead") == 1


@pytest.mark.parametrize(
    ("name", "queue", "value"),
    [
        ("number_of_messages_sent_total", "jobs", 12),
        ("number_of_messages_received_total", "jobs", 5),
        ("number_of_messages_deleted_total", "jobs", 2),
        ("number_of_messages_dead_lettered_total", "poison", 1),
        ("number_of_messages_deduplicated_total", "f.fifo", 1),
        ("number_of_messages_sent_total", "f.fifo", 1),
        ("number_of_messages_expired_total", "jobs", None),
    ],
)
def test_what_happened_at_a_queue_is_counted(
    run: Emulator, name: str, queue: str, value: float | None
) -> None:
    assert scrape(run).queue(name, queue) == value


def test_messages_that_expire_are_counted(run: Emulator) -> None:
    run.advance(345_600)

    assert scrape(run).queue("number_of_messages_expired_total", "jobs") == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sns_number_of_messages_published_total", 1),
        ("sns_number_of_notifications_delivered_total", 1),
        ("sns_number_of_notifications_failed_total", 1),
        ("sns_number_of_notifications_filtered_out_total", 1),
    ],
)
def test_what_became_of_publications_is_counted(run: Emulator, name: str, value: float) -> None:
    assert scrape(run).value(name, topic="news", **PLACE) == value


def test_events_and_what_rules_made_of_them_are_counted(run: Emulator) -> None:
    told, bus = scrape(run), {"event_bus": "default", **PLACE}

    assert told.value("events_matched_events_total", **bus) == 1
    assert told.value("events_unmatched_events_total", **bus) == 2
    assert told.value("events_triggered_rules_total", **bus) == 1
    assert told.value("events_invocations_total", **PLACE) == 1
    assert told.value("events_failed_invocations_total", **PLACE) == 1


def test_what_became_of_the_events_of_a_pipe_is_counted(emulator: Emulator) -> None:
    emulator.freeze()
    sqs, pipes = emulator.client("sqs"), emulator.client("pipes")
    source, target = (
        sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
        for name, given in {"source": {}, "target": {"MaximumMessageSize": "1024"}}.items()
    )
    pipes.create_pipe(
        Name="p",
        RoleArn="arn:aws:iam::000000000000:role/r",
        Source=arn("source"),
        Target=arn("target"),
        SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": '{"body": {"n": [1, 3]}}'}]}},
    )
    for body in ({"n": 1}, {"n": 2}, {"n": 3, "rest": "x" * 2000}):
        sqs.send_message(QueueUrl=source, MessageBody=json.dumps(body))
    emulator.advance(1)

    told, pipe = scrape(emulator), {"pipe": "p", **PLACE}
    assert sqs.receive_message(QueueUrl=target)["Messages"]
    assert told.value("pipes_event_count_total", **pipe) == 2
    assert told.value("pipes_events_filtered_total", **pipe) == 1
    assert told.value("pipes_events_failed_total", **pipe) == 1


def test_a_dead_letter_is_no_further_delivery(emulator: Emulator) -> None:
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    sqs.create_queue(QueueName="dead")
    topic = sns.create_topic(Name="news")["TopicArn"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("dead")})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("gone"), Attributes=policy)

    sns.publish(TopicArn=topic, Message="m")

    told = scrape(emulator)
    assert told.queue("approximate_number_of_messages_visible", "dead") == 1
    assert told.value("sns_number_of_notifications_failed_total", topic="news", **PLACE) == 1
    assert told.value("sns_number_of_notifications_delivered_total", topic="news", **PLACE) is None


def test_attempts_over_a_network_are_counted_by_outcome(emulator: Emulator) -> None:
    emulator.freeze()
    events = emulator.client("events")
    events.put_rule(Name="all", EventPattern='{"source": ["s"]}')
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    retries = {"MaximumRetryAttempts": 1}
    events.put_targets(Rule="all", Targets=[{"Id": "f", "Arn": function, "RetryPolicy": retries}])
    answers = count()

    def failing_twice(*_: object) -> None:
        if next(answers) < 2:
            raise ValueError

    emulator.on_lambda("f", failing_twice)
    for _ in range(2):
        events.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])
        emulator.advance(3600)

    told = scrape(emulator)
    attempts = {
        labels[1][1] if labels[0][0] == "target" else labels[0][1]: value
        for (name, labels), value in told.samples.items()
        if name == "pocketbus_delivery_attempts_total"
    }
    assert sum(attempts.values()) >= 2
    assert set(attempts) <= {"succeeded", "retried", "failed"}


def test_requests_are_counted_by_operation_and_status_with_their_durations() -> None:
    with Emulator(seed=1, serve=True) as emulator:
        for path in ("/?Action=ListQueues", "/?Action=ListQueues", "/?Action=Nonsense"):
            httpx.get(emulator.url + path)
        httpx.get(f"{emulator.url}/?Action=GetQueueUrl&QueueName=none")
        told = scrape(emulator)

    def asked(service: str, operation: str, status: str) -> float | None:
        labels = {"service": service, "operation": operation, "status": status}
        return told.value("request_duration_seconds_count", **labels)

    assert asked("sqs", "ListQueues", "200") == 2
    assert asked("sqs", "GetQueueUrl", "400") == 1
    assert asked("", "", "400") == 1
    within = told.value(
        "request_duration_seconds_bucket", service="sqs", operation="ListQueues", status="200", le="+Inf"
    )
    assert within == 2


def test_pauses_of_the_loop_are_counted_from_the_first_scrape_on(emulator: Emulator) -> None:
    assert scrape(emulator).value("loop_pause_seconds_count") == 0

    emulator.client("sqs").create_queue(QueueName="empty")
    emulator.expect_no_message("empty", quiet=0.2)  # real seconds

    assert (scrape(emulator).value("loop_pause_seconds_count") or 0) >= 1


def test_a_scraper_that_asks_for_openmetrics_gets_it(run: Emulator) -> None:
    answer = httpx.get(f"{run.url}/metrics", headers={"accept": OPENMETRICS})

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics(answer.text)}  # type: ignore[no-untyped-call]
    assert names >= {"pocketbus_sqs_number_of_messages_sent"}


def test_what_is_deleted_is_told_no_more_and_a_reset_keeps_the_counts(run: Emulator) -> None:
    run.reset()
    assert scrape(run).queue("number_of_messages_sent_total", "jobs") is None

    run.client("sqs").create_queue(QueueName="jobs")
    assert scrape(run).queue("number_of_messages_sent_total", "jobs") == 12


def test_pages_of_other_origins_do_not_scrape(emulator: Emulator) -> None:
    answer = httpx.get(f"{emulator.url}/metrics", headers={"origin": "https://evil.example"})

    assert answer.status_code == 403


def test_a_tally_lets_the_oldest_start_anew() -> None:
    tally = Tally(limit=2)
    for key in ("a", "b", "a", "c"):
        tally[key]["n"] += 1

    assert tally == {"b": {"n": 1}, "c": {"n": 1}}


async def calls_of_a_scrape(queues: int, messages: int = 0) -> int:
    """Count the functions that a scrape calls, those written in C too."""
    app = create_inspected_app(Engine(Config(seed=1)), "http://localhost:4566")
    for number in range(queues):
        await ask_form(app, Action="CreateQueue", QueueName=f"q{number}")
        for _ in range(messages):
            await ask_form(app, Action="SendMessage", QueueUrl=f"/000000000000/q{number}", MessageBody="job")
    await ask(app, method="GET", path="/metrics")  # what it needs is loaded
    with counted() as calls:
        answer = await ask(app, method="GET", path="/metrics")
    assert answer.status == 200
    return calls.count


async def test_the_work_of_a_scrape_grows_with_the_queues_and_no_faster() -> None:
    few, many = await calls_of_a_scrape(50), await calls_of_a_scrape(500)

    assert many < 10 * few
    assert many < 500 * 750


async def test_the_work_of_a_scrape_does_not_grow_with_the_messages() -> None:
    few, many = await calls_of_a_scrape(10, 1), await calls_of_a_scrape(10, 50)

    assert many < 1.2 * few


DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("file", ["grafana-dashboard.json", "alerts.yaml"])
def test_the_dashboard_and_the_alerts_ask_for_metrics_that_there_are(run: Emulator, file: str) -> None:
    described = re.findall(r"^# TYPE (\w+) (\w+)$", httpx.get(f"{run.url}/metrics").text, re.MULTILINE)
    names = {name for name, _ in described}
    names |= {
        f"{name}{end}" for name, kind in described if kind == "histogram" for end in ("_bucket", "_count")
    }

    asked = re.findall(r"pocketbus_\w+", (DOCS / file).read_text(encoding="utf-8"))

    assert len(asked) > 2
    assert set(asked) - names == set()


def test_the_page_on_metrics_names_each(run: Emulator) -> None:
    page = (DOCS / "METRICS.md").read_text(encoding="utf-8")
    names = re.findall(r"^# TYPE pocketbus_(\w+) ", httpx.get(f"{run.url}/metrics").text, re.MULTILINE)

    endings = [name.rpartition("messages" if "messages" in name else "notifications")[2] for name in names]
    assert [
        name for name, end in zip(names, endings, strict=True) if name not in page and end not in page
    ] == []
