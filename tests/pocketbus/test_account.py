"""An account of an emulator that others use too, and the environment that leads to it."""

import os
import sys
from collections.abc import Iterator

import boto3
import pytest

from pocketbus import Emulator
from pocketbus.account import Account
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.state.document import StateError
from pocketbus.environment import environment

ADA, BOB = "111111111111", "222222222222"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        yield emulator


@pytest.fixture
def ada(emulator: Emulator) -> Account:
    return emulator.in_account(ADA)


@pytest.fixture
def bob(emulator: Emulator) -> Account:
    return emulator.in_account(BOB)


def send(account: Account, body: str) -> str:
    sqs = account.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    message_id: str = sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]
    return message_id


def test_a_queue_is_named_in_the_account(ada: Account, bob: Account) -> None:
    send(ada, "ada's")
    send(bob, "bob's")

    assert [message.body for message in ada.messages("orders")] == ["ada's"]
    assert bob.wait("orders")[0]["body"] == "bob's"
    assert bob.expect_message("orders")["body"] == "bob's"


def test_another_accounts_queue_is_not_found(emulator: Emulator, ada: Account, bob: Account) -> None:
    send(ada, "ada's")

    with pytest.raises(ResourceNotFoundError):
        bob.messages("orders")
    with pytest.raises(ResourceNotFoundError):
        emulator.messages("orders")


def test_a_bus_and_a_topic_are_named_in_the_account(ada: Account) -> None:
    ada.client("events").put_rule(Name="shop", EventPattern='{"source": ["shop"]}')
    topic = ada.client("sns").create_topic(Name="news")["TopicArn"]
    ada.client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")

    assert [verdict.matches for verdict in ada.explain_event({"source": "shop", "detail": {}})] == [True]
    assert [verdict.matches for verdict in ada.explain_message("hello", "news")] == [True]


def test_the_trace_of_an_account_is_its_own(ada: Account, bob: Account) -> None:
    message_id = send(ada, "ada's")
    send(bob, "bob's")

    assert [(record.verb, record.subject) for record in ada.trace()] == [("sent", message_id)]


def test_a_look_shows_what_is_the_accounts_own(emulator: Emulator, ada: Account, bob: Account) -> None:
    send(ada, "ada's")
    send(bob, "bob's")
    bob.client("sns").publish(PhoneNumber="+15550100", Message="hello")

    assert [view.arn for view in ada.look("queues")] == [f"arn:aws:sqs:us-east-1:{ADA}:orders"]
    assert [captured.payload for captured in bob.look("outbox")] == ["hello"]
    assert ada.look("outbox") == []
    assert len(emulator.look("queues")) == 2


def test_a_wait_for_the_trace_sees_the_accounts_own(ada: Account, bob: Account) -> None:
    send(ada, "ada's")

    assert bob.wait(trace=True, count=0, quiet=0) == []
    assert [item["verb"] for item in ada.wait(trace=True)] == ["sent"]


def test_a_wait_for_the_trace_forgets_what_was_before_the_account(emulator: Emulator, ada: Account) -> None:
    send(ada, "earlier")

    assert emulator.in_account(ADA).wait(trace=True, count=0, quiet=0) == []


def test_a_wait_for_the_trace_sees_what_came_from_elsewhere(ada: Account, bob: Account) -> None:
    topic = bob.client("sns").create_topic(Name="news")["TopicArn"]
    ada.client("sqs").create_queue(QueueName="orders")
    queue = f"arn:aws:sqs:us-east-1:{ADA}:orders"
    bob.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    bob.client("sns").publish(TopicArn=topic, Message="hello")

    assert topic in [item["resource"] for item in ada.wait(trace=True)]


async def test_a_wait_for_the_trace_in_ones_own_event_loop_sees_the_accounts_own(
    ada: Account, bob: Account
) -> None:
    send(ada, "ada's")

    assert await bob.wait_async(trace=True, count=0, quiet=0) == []


def test_a_wait_for_the_outbox_sees_the_accounts_own(ada: Account, bob: Account) -> None:
    ada.client("sns").publish(PhoneNumber="+15550100", Message="hello")

    assert bob.wait(outbox=True, count=0, quiet=0) == []
    assert [item["payload"] for item in ada.wait(outbox=True)] == ["hello"]


def test_an_account_sees_its_own_faults(ada: Account, bob: Account) -> None:
    ada.fault("throttle")

    assert [fault.kind for fault in ada.faults()] == ["throttle"]
    assert bob.faults() == []


def test_snapshots_of_an_account_have_names_of_their_own(
    emulator: Emulator, ada: Account, bob: Account
) -> None:
    send(ada, "ada's")
    ada.save("before")
    bob.save("before")
    ada.reset()

    ada.restore("before")
    assert [message.body for message in ada.messages("orders")] == ["ada's"]
    with pytest.raises(ResourceNotFoundError):
        emulator.restore("before")
    assert ada.snapshots() == ["before"]


def test_a_snapshot_is_forgotten_when_it_is_deleted(ada: Account, bob: Account) -> None:
    ada.save("before")
    bob.save("before")

    ada.delete_snapshot("before")
    assert ada.snapshots() == []
    assert bob.snapshots() == ["before"]
    with pytest.raises(ResourceNotFoundError, match=f"There is no snapshot before of the account {ADA}"):
        ada.delete_snapshot("before")


def test_an_account_takes_no_state_but_its_own(emulator: Emulator, ada: Account, bob: Account) -> None:
    send(ada, "ada's")
    send(bob, "bob's")
    own, whole = ada.export_state(), emulator.export_state()

    for document in (own, whole):
        with pytest.raises(StateError, match=f"not of the account {BOB} alone"):
            bob.import_state(document)
    assert [message.body for message in bob.messages("orders")] == ["bob's"]
    ada.import_state(own)
    assert [message.body for message in ada.messages("orders")] == ["ada's"]


def test_the_faults_of_an_account_leave_others_alone(ada: Account, bob: Account) -> None:
    ada.fault("cut", when="after", operation="SendMessage", count=1)
    bob.preset("at-least-once")
    send(ada, "once more")
    send(bob, "once")

    assert len(ada.messages("orders")) == 2
    assert len(bob.messages("orders")) == 1
    assert ada.clear_faults() == 1
    assert [fault.where.account for fault in bob.faults()] == [BOB, BOB]


def test_code_with_clients_of_its_own_reaches_the_account_by_the_environment(ada: Account) -> None:
    with ada.environment():
        boto3.client("sqs").create_queue(QueueName="orders")

    assert [view.name for view in ada.look("queues")] == ["orders"]


def test_an_emulator_has_an_environment_too(emulator: Emulator) -> None:
    with emulator.environment():
        account = boto3.client("sts").get_caller_identity()["Account"]

    assert account == "000000000000"
    assert emulator.variables()["AWS_ENDPOINT_URL"] == emulator.url


def test_boto3_does_not_remember_whose_credentials_it_had(ada: Account, bob: Account) -> None:
    accounts = []
    for account in (ada, bob):
        with account.environment():
            accounts.append(boto3.client("sts").get_caller_identity()["Account"])

    assert accounts == [ADA, BOB]
    assert sys.modules["boto3"].DEFAULT_SESSION is None


def test_the_environment_hides_what_would_lead_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "https://elsewhere")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    with environment({"AWS_ENDPOINT_URL": "http://here", "AWS_REGION": "us-east-1"}):
        inside = {
            name: os.environ.get(name) for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_SQS", "AWS_REGION")
        }
    assert inside == {"AWS_PROFILE": None, "AWS_ENDPOINT_URL_SQS": None, "AWS_REGION": "us-east-1"}
    assert os.environ["AWS_PROFILE"] == "production"
    assert os.environ["AWS_ENDPOINT_URL_SQS"] == "https://elsewhere"
    assert os.environ["AWS_REGION"] == "eu-west-1"
    assert "AWS_ENDPOINT_URL" not in os.environ


async def test_an_event_loop_of_ones_own_goes_on_meanwhile() -> None:
    async with Emulator(seed=1) as emulator:
        emulator.freeze()
        await emulator.set_async("2026-01-01T00:00:00Z")
        queue = emulator.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=60)

        (record,) = await emulator.advance_to_next_async()
        assert record.verb == "appeared"
        assert await emulator.call_async(lambda engine: engine.clock.now()) == 1_767_225_660.0
        assert [item["body"] for item in await emulator.wait_async("orders")] == ["later"]


async def test_an_account_goes_with_an_event_loop_too(ada: Account) -> None:
    ada.freeze()
    send(ada, "ada's")

    assert [record.verb for record in await ada.advance_async("P4D")] == ["expired"]
    assert await ada.call_async(lambda engine: engine.clock.frozen)


def test_a_clock_that_was_moved_follows_the_system_again(emulator: Emulator) -> None:
    before = emulator.now()
    emulator.freeze()
    emulator.advance("P1D")

    emulator.follow_the_system()
    assert 0 <= emulator.now() - before < 60


def test_a_resource_is_of_the_account_too(ada: Account) -> None:
    send(ada, "ada's")

    assert [queue.url.rpartition("/")[2] for queue in ada.resource("sqs").queues.all()] == ["orders"]
