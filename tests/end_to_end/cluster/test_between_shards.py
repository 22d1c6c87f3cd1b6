"""What accounts of different shards send to each other: as on one server, whichever writer is killed meanwhile."""

import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGKILL
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pocketbus.cluster.routing import shard_of
from scripts.cluster import wait_until_ready
from tests.end_to_end.cluster.log import hold_log
from tests.end_to_end.cluster.machines import NAME, Machines, machines, needs_nats, until

pytestmark = needs_nats

SHARDS = 2
HERE = "000000000000"
THERE = next(
    account
    for account in map("{:012}".format, itertools.count(1))
    if shard_of(account, SHARDS) != shard_of(HERE, SHARDS)
)
PUBLICATIONS = 500
_SECONDS = 90.0
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 30}, read_timeout=20, connect_timeout=2)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder: Path = tmp_path_factory.mktemp("machines")
    with machines(folder, "--shards", str(SHARDS)) as found:
        until(lambda: all(found.writer(shard=shard) is not None for shard in range(SHARDS)))
        yield found


def client(three: Machines, service: str, account: str, node: int = 0) -> Any:
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="test", region_name="us-east-1")
    return closing(session.client(service, endpoint_url=three.url(node), config=_PATIENT))


def make_queue(three: Machines, account: str, name: str) -> str:
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    with client(three, "sqs", account) as sqs:
        sqs.create_queue(QueueName=name, Attributes=fifo)
    return f"arn:aws:sqs:us-east-1:{account}:{name}"


def received(three: Machines, account: str, name: str, count: int, node: int = 0) -> list[str]:
    """Receive and delete until a queue has given so many messages, and nothing more comes."""
    found: list[str] = []
    end = time.monotonic() + _SECONDS
    with client(three, "sqs", account, node) as sqs:
        url = f"{three.url(node)}/{account}/{name}"
        while time.monotonic() < end:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in messages.get("Messages", []):
                found.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if len(found) >= count and not messages.get("Messages"):
                break
    return found


def subscribe(three: Machines, topic: str, queue: str, asker: str = HERE, **attributes: str) -> str:
    fifo = {"FifoTopic": "true"} if topic.endswith(".fifo") else {}
    with client(three, "sns", HERE) as sns:
        arn: str = sns.create_topic(Name=topic, Attributes=fifo)["TopicArn"]
    with client(three, "sns", asker) as sns:
        sns.subscribe(
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=queue,
            Attributes={"RawMessageDelivery": "true", **attributes},
        )
    return arn


def test_whoever_owns_the_queue_subscribes_it_to_a_topic_of_another_shard(three: Machines) -> None:
    topic = subscribe(three, "news", make_queue(three, THERE, "news"), asker=THERE)
    with client(three, "sns", HERE, 1) as sns:
        sns.publish(TopicArn=topic, Message="one")
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert received(three, THERE, "news", 1) == ["one"]
    assert subscription["Owner"] == THERE


def test_anybody_publishes_to_a_topic_of_another_shard(three: Machines) -> None:
    topic = subscribe(three, "open", make_queue(three, THERE, "open"))
    with client(three, "sns", THERE) as sns:
        sns.publish(TopicArn=topic, Message="one")
    assert received(three, THERE, "open", 1) == ["one"]


def test_a_fifo_topic_keeps_its_order_into_another_shard(three: Machines) -> None:
    topic = subscribe(three, "order.fifo", make_queue(three, THERE, "order.fifo"))
    with client(three, "sns", HERE) as sns:
        for number in range(20):
            sns.publish(
                TopicArn=topic,
                Message=str(number),
                MessageGroupId="g",
                MessageDeduplicationId=str(number),
            )
    assert received(three, THERE, "order.fifo", 20) == [str(number) for number in range(20)]


def test_a_rule_forwards_to_a_bus_of_another_shard(three: Machines) -> None:
    queue, bus = make_queue(three, THERE, "events"), f"arn:aws:events:us-east-1:{THERE}:event-bus/default"
    with client(three, "events", THERE) as events:
        events.put_permission(Action="events:PutEvents", Principal="*", StatementId="all")
        events.put_rule(Name="all", EventPattern='{"source": ["s"]}')
        events.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": queue}])
    role = f"arn:aws:iam::{HERE}:role/r"
    with client(three, "events", HERE) as events:
        events.put_rule(Name="forward", EventPattern='{"source": ["s"]}')
        events.put_targets(Rule="forward", Targets=[{"Id": "b", "Arn": bus, "RoleArn": role}])
        events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": '{"by": "rule"}'}])
        put = {"Source": "s", "DetailType": "d", "Detail": '{"by": "hand"}', "EventBusName": bus}
        own = {"Source": "other", "DetailType": "d", "Detail": "{}"}
        events.put_events(Entries=[put])
        events.put_events(Entries=[put, own])
    found = [json.loads(body)["detail"]["by"] for body in received(three, THERE, "events", 3)]
    assert sorted(found) == ["hand", "hand", "rule"]


def test_what_finds_no_queue_in_another_shard_is_in_the_dead_letter_queue(three: Machines) -> None:
    dead = make_queue(three, HERE, "dead")
    missing = f"arn:aws:sqs:us-east-1:{THERE}:missing"
    policy = json.dumps({"deadLetterTargetArn": dead})
    topic = subscribe(three, "lost", missing, RedrivePolicy=policy)
    with client(three, "sns", HERE) as sns:
        sns.publish(TopicArn=topic, Message="one")
    assert received(three, HERE, "dead", 1) == ["one"]


@pytest.mark.parametrize("killed", ["source", "target"])
def test_a_writer_that_is_killed_loses_nothing_and_brings_nothing_twice(three: Machines, killed: str) -> None:
    topic = subscribe(three, killed, make_queue(three, THERE, killed), RawMessageDelivery="false")
    shard = shard_of(HERE if killed == "source" else THERE, SHARDS)
    node = three.writer(shard=shard)
    assert node is not None
    asked, published = (node + 1) % 3, list[str]()

    def publish() -> None:
        with client(three, "sns", HERE, asked) as sns:
            for number in range(PUBLICATIONS):
                published.append(sns.publish(TopicArn=topic, Message=f"{number}")["MessageId"])

    thread = threading.Thread(target=publish)
    thread.start()
    until(lambda: len(published) >= PUBLICATIONS // 2)
    three.signal_node(node, SIGKILL)
    thread.join()
    bodies = map(json.loads, received(three, THERE, killed, PUBLICATIONS, asked))
    found = [body["MessageId"] for body in bodies]
    three.start_node(node)
    assert len(published) == PUBLICATIONS
    assert set(published) <= set(found)  # one that was not answered is repeated by its client, as another one
    assert len(found) == len(set(found))
    until(lambda: all("on_the_way" not in one for one in three.told(asked)["shards"]))
    wait_until_ready(three.url(node))


def test_the_example_of_the_page_prints_what_was_published(
    three: Machines, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "SCALING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(example.replace("http://localhost:4566", three.url(0)), {})  # noqa: S102 - the project's own
    assert capsys.readouterr().out == "flour\n"


def test_both_logs_make_the_state_that_they_tell(three: Machines) -> None:
    for shard in range(SHARDS):
        hold_log(three.nats.url(NAME), shard, SHARDS)
