"""The state as a document: what it holds, that it comes back the same, and what is refused."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.look import MessageView
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.state import snapshots as snapshots_module
from pocketbus.emulator.state.document import (
    Part,
    StateError,
    export_state,
    import_state,
    reset_state,
)
from pocketbus.emulator.state.snapshots import SnapshotError
from pocketbus.emulator.state.text import digest_of
from tests.emulator.full import ARN, fill

ADA, BOB = "111111111111", "222222222222"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        yield emulator


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The state of an emulator that has something of everything."""
    with Emulator(seed=7) as emulator:
        fill(emulator)
        return emulator.export_state()


def written(document: dict[str, Any]) -> str:
    return json.dumps(document)


def read(text: str) -> Any:
    return json.loads(text)


def go_on(emulator: Emulator) -> tuple[list[Any], str]:
    """Let an hour pass and receive what is there: all that is heard of it, and the state at the end."""
    heard: list[Any] = [record[1:] for record in emulator.advance("PT1H")]
    sqs = emulator.client("sqs")
    for queue in ("orders", "dead", "orders.fifo"):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3).get("Messages"):
            heard += [
                (message["MessageId"], message["ReceiptHandle"], message["Body"]) for message in messages
            ]
    return heard, written(emulator.export_state())


def send(emulator: Any, body: str, queue: str = "orders") -> str:
    sqs = emulator.client("sqs")
    url: str = sqs.create_queue(QueueName=queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def bodies(messages: list[MessageView]) -> list[str]:
    return [message.body for message in messages]


def test_the_same_seed_and_the_same_calls_give_the_same_document_byte_by_byte(
    document: dict[str, Any],
) -> None:
    with Emulator(seed=7) as emulator:
        fill(emulator)

        assert written(emulator.export_state()) == written(document)


def test_another_seed_gives_another_document(document: dict[str, Any]) -> None:
    with Emulator(seed=8) as emulator:
        fill(emulator)

        assert written(emulator.export_state()) != written(document)


def test_what_was_imported_is_exported_the_same(emulator: Emulator, document: dict[str, Any]) -> None:
    emulator.import_state(read(written(document)))

    assert written(emulator.export_state()) == written(document)


def test_an_imported_state_goes_on_as_the_one_it_came_from(
    emulator: Emulator, document: dict[str, Any]
) -> None:
    with Emulator(seed=7) as original:
        fill(original)
        heard, state = go_on(original)
    emulator.import_state(document)

    assert go_on(emulator) == (heard, state)
    assert len(heard) > 20


def test_looking_does_not_change_the_document(emulator: Emulator, document: dict[str, Any]) -> None:
    emulator.import_state(document)
    for noun in ("queues", "topics", "subscriptions", "buses", "rules", "archives", "schedules", "outbox"):
        assert emulator.look(noun)
    emulator.messages("orders")

    assert written(emulator.export_state()) == written(document)


def test_a_receipt_handle_is_good_after_an_import(emulator: Emulator) -> None:
    url = send(emulator, "job")
    sqs = emulator.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    document = emulator.export_state()
    emulator.reset()
    emulator.import_state(document)

    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert emulator.messages("orders") == []


def test_a_duplicate_is_known_after_an_import_until_its_window_ends(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"]

    def place() -> str:
        answer = sqs.send_message(QueueUrl=url, MessageBody="order 7", MessageGroupId="g")
        message_id: str = answer["MessageId"]
        return message_id

    first = place()
    emulator.import_state(emulator.export_state())
    assert place() == first
    emulator.advance("PT5M")
    assert place() != first


def test_a_fifo_message_that_came_back_keeps_its_place_after_an_import(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for body in ("1", "2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=30)
    emulator.advance(30)

    emulator.import_state(read(written(emulator.export_state())))

    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["1", "2", "3"]


def test_a_body_that_many_queues_hold_is_in_the_document_once(emulator: Emulator) -> None:
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    for number in range(20):
        sqs.create_queue(QueueName=f"queue-{number}")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", f"queue-{number}"))
    sns.publish(TopicArn=topic, Message="only once")
    document = emulator.export_state()

    assert written(document).count("only once") == 1
    emulator.import_state(document)
    assert written(emulator.export_state()) == written(document)


def test_every_text_survives(engine: Engine) -> None:
    scope = engine.scope("000000000000", "us-east-1")
    queue = scope.sqs.create_queue("orders", QueueSettings(), {}, engine.clock.now())
    queue.send(Text("caf\u00e9 \U0001f600 \ud800"), engine.clock.now(), sender_id="me")
    import_state(engine, read(written(export_state(engine))))

    (message,) = engine.scope("000000000000", "us-east-1").sqs.queues["orders"]
    assert message.content.body == "caf\u00e9 \U0001f600 \ud800"


def test_a_frozen_clock_goes_back_to_where_it_was(emulator: Emulator) -> None:
    emulator.set("2026-01-01T00:00:00Z")
    document = emulator.export_state()
    emulator.advance("P1D")
    emulator.thaw()

    emulator.import_state(document)
    assert emulator.now() == 1_767_225_600.0


# Parts


def test_a_part_of_the_state_is_exported_and_brought_back_alone(emulator: Emulator) -> None:
    ada, bob = emulator.in_account(ADA), emulator.in_account(BOB)
    send(ada, "ada's first")
    send(bob, "bob's first")
    document = ada.export_state()
    send(ada, "ada's second")
    send(bob, "bob's second")

    emulator.import_state(document)
    assert bodies(ada.messages("orders")) == ["ada's first"]
    assert bodies(bob.messages("orders")) == ["bob's first", "bob's second"]


@pytest.mark.parametrize(
    ("part", "left"),
    [
        ({}, []),
        ({"account": ADA}, ["bob's"]),
        ({"region": "us-east-1"}, []),
        ({"region": "eu-west-1"}, ["ada's", "bob's"]),
        ({"service": "sqs"}, []),
        ({"service": "sns"}, ["ada's", "bob's"]),
        ({"account": BOB, "service": "sqs"}, ["ada's"]),
    ],
)
def test_a_part_of_the_state_is_reset(emulator: Emulator, part: dict[str, str], left: list[str]) -> None:
    for account in (ADA, BOB):
        send(emulator.in_account(account), "ada's" if account == ADA else "bob's")

    emulator.reset(**part)
    queues = [queue.arn for queue in emulator.look("queues")]
    assert [message.body for queue in queues for message in emulator.messages(queue)] == left


@pytest.mark.parametrize(
    "services",
    [
        ["sqs", "sns", "events", "scheduler", "lambda", "pipes"],
        ["pipes", "lambda", "scheduler", "events", "sns", "sqs"],
    ],
)
def test_the_resets_of_all_services_leave_nothing_to_happen(
    emulator: Emulator, document: dict[str, Any], services: list[str]
) -> None:
    emulator.import_state(document)
    for service in services:
        emulator.reset(service=service)

    assert emulator.next_at() is None
    assert emulator.call(lambda engine: len(engine.timers)) == 0
    assert [bus.name for bus in emulator.look("buses")] == ["default"]
    assert [
        noun
        for noun in ("queues", "topics", "rules", "archives", "schedules", "functions", "mappings", "pipes")
        if emulator.look(noun)
    ] == []


def test_a_reset_of_eventbridge_ends_its_schedules_and_leaves_a_default_bus(emulator: Emulator) -> None:
    emulator.client("events").put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")

    emulator.reset(service="events")
    assert emulator.next_at() is None
    assert [bus["Name"] for bus in emulator.client("events").list_event_buses()["EventBuses"]] == ["default"]


async def test_a_reset_of_a_queue_answers_its_long_poll_with_nothing(engine: Engine) -> None:
    async with engine:
        queue = engine.scope(ADA, "us-east-1").sqs.create_queue(
            "orders", QueueSettings(), {}, engine.clock.now()
        )
        poll = asyncio.create_task(queue.wait(ReceiveRequest(), 20, engine.clock.now()))
        await asyncio.sleep(0)

        reset_state(engine, Part(service="sqs"))
        assert await poll == []


def test_the_resets_of_one_account_leave_the_faults_and_the_trace(emulator: Emulator) -> None:
    emulator.fault("duplicate")
    send(emulator, "job")

    emulator.reset(account="000000000000")
    assert len(emulator.faults()) == 1
    assert [record.verb for record in emulator.trace()] == ["sent"]


def test_what_is_due_at_one_instant_keeps_its_order_after_an_import(emulator: Emulator) -> None:
    events = emulator.client("events")
    for name in ("one", "two", "one"):
        events.put_rule(Name=name, ScheduleExpression="rate(1 hour)")
    document = emulator.export_state()

    def fired() -> list[str]:
        return [
            record.resource.rpartition("/")[2]
            for record in emulator.advance("PT1H")
            if record.verb == "fired"
        ]

    first = fired()
    emulator.import_state(document)
    assert fired() == first == ["two", "one"]
    emulator.import_state(document)
    assert written(emulator.export_state()) == written(document)


# Snapshots


def test_a_snapshot_brings_back_what_was(emulator: Emulator) -> None:
    url = send(emulator, "first")
    emulator.save("before")
    emulator.client("sqs").purge_queue(QueueUrl=url)
    emulator.reset()

    emulator.restore("before")
    assert bodies(emulator.messages("orders")) == ["first"]


def test_the_same_calls_after_a_restore_give_the_same_answers(emulator: Emulator) -> None:
    url = send(emulator, "first")
    emulator.save("before")
    sent = []
    for _ in range(2):
        emulator.restore("before")
        sent.append(emulator.client("sqs").send_message(QueueUrl=url, MessageBody="second")["MessageId"])

    assert sent[0] == sent[1]


def test_a_snapshot_of_an_account_leaves_the_others_alone(emulator: Emulator) -> None:
    ada, bob = emulator.in_account(ADA), emulator.in_account(BOB)
    send(ada, "ada's")
    ada.save("before")
    send(bob, "bob's")
    ada.reset()

    ada.restore("before")
    assert bodies(ada.messages("orders")) == ["ada's"]
    assert bodies(bob.messages("orders")) == ["bob's"]


def test_a_snapshot_that_was_not_saved_cannot_be_restored(emulator: Emulator) -> None:
    with pytest.raises(ResourceNotFoundError, match="There is no snapshot before"):
        emulator.restore("before")


def test_snapshots_are_bounded(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots_module, "MOST_SNAPSHOTS", 1)
    emulator.save("one")
    emulator.save("one")

    with pytest.raises(SnapshotError, match="There can be 1 snapshots"):
        emulator.save("two")
    monkeypatch.setattr(snapshots_module, "MOST_BYTES", 10)
    with pytest.raises(SnapshotError, match="at most 10 bytes"):
        emulator.save("one")
    with pytest.raises(SnapshotError, match="1 to 256 characters"):
        emulator.save("")


# What is refused


@pytest.mark.parametrize("document", [None, [], "state", {}, {"pocketbus": 1}])
def test_what_is_no_document_is_refused(emulator: Emulator, document: Any) -> None:
    with pytest.raises(StateError, match="This is no state that pocketbus has exported"):
        emulator.import_state(document)


def test_a_document_of_another_release_is_refused(emulator: Emulator) -> None:
    document = emulator.export_state() | {"version": "0.0.1"}

    with pytest.raises(StateError, match=r"The document is of pocketbus 0\.0\.1; only"):
        emulator.import_state(document)


def test_a_document_that_was_changed_is_refused_and_nothing_changes(emulator: Emulator) -> None:
    send(emulator, "job")
    document = emulator.export_state()
    before = written(document)
    document["scopes"] = []

    with pytest.raises(StateError, match="The document was changed since it was exported"):
        emulator.import_state(document)
    assert written(emulator.export_state()) == before


def _forget_an_object(document: dict[str, Any]) -> None:
    document["objects"].pop(0)


def _state_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    state: dict[str, Any] = next(one["state"] for one in document["objects"] if one.get("class") == name)
    return state


def _name_a_class(name: str) -> Change:
    return lambda document: document["objects"][0].update({"class": name})


@pytest.mark.parametrize(
    "change",
    [
        _forget_an_object,
        _name_a_class("server.Server"),
        _name_a_class("os.system"),
        _name_a_class("queues.queue.deque"),
        _name_a_class("nothing"),
        lambda document: document["objects"][0].pop("state"),
        lambda document: document["objects"][0]["state"].update(
            {"x": {"named": "queues.queue.Queue", "fields": []}}
        ),
        lambda document: document["objects"][0]["state"].update(
            {"x": {"enum": "queues.queue.Queue", "value": 1}}
        ),
        lambda document: document["objects"][0].update({"number": 10**9}),
        lambda document: document["scopes"][0]["services"]["sqs"].pop("queues"),
        lambda document: document["scopes"][0]["services"].update({"s3": {}}),
        lambda document: document["scopes"][0]["services"]["sqs"].update({"queues": {"ref": 10**9}}),
        lambda document: document["scopes"][0]["services"]["sqs"].update({"queues": {"form": 1}}),
        lambda document: document["scopes"][0].pop("account"),
        lambda document: document["scopes"][0].update({"account": "ada"}),
        lambda document: document["scopes"][0].update({"account": None}),
        lambda document: document["scopes"][0].update({"region": None}),
        lambda document: document["scopes"][0].update({"region": 1e308}),
        lambda document: document["scopes"][0]["services"]["sqs"].update({"queues": 7}),
        lambda document: document["scopes"][0]["services"]["events"].update({"buses": {"map": {"x": 7}}}),
        lambda document: document["common"].update({"outbox": 7}),
        lambda document: document["clock"].update({"now": 1e308}),
        lambda document: document["clock"].update({"now": None}),
        lambda document: document["clock"].update({"frozen": None}),
        lambda document: _state_of(document, "buses.rule.Rule").update({"_timer": 7}),
        lambda document: _state_of(document, "queues.queue.Queue").pop("arn"),
        lambda document: document.pop("clock"),
        lambda document: document.pop("ids"),
        lambda document: document.pop("common"),
        lambda document: document.pop("resources"),
        lambda document: document.pop("part"),
        lambda document: document["part"].update({"service": "s3"}),
        lambda document: document["part"].update({"account": ADA}),
        lambda document: document.update({"objects": 7}),
    ],
)
def test_a_forged_document_is_refused_and_nothing_changes(
    emulator: Emulator, document: dict[str, Any], change: Change
) -> None:
    send(emulator, "job")
    before = written(emulator.export_state())
    forged = read(written(document))
    change(forged)
    forged["digest"] = digest_of(forged)

    with pytest.raises(StateError):
        emulator.import_state(forged)
    assert written(emulator.export_state()) == before


def test_there_is_no_such_service() -> None:
    with pytest.raises(StateError, match="'s3' is no service with a state; there are sqs, sns, events"):
        Part(service="s3")
