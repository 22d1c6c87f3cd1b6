"""What one account sends to an account of another shard is there as on one server, once it was carried."""

import json
from contextlib import suppress
from typing import Any

import pytest

from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.functions.destinations import Destinations, Ended
from pocketbus.emulator.functions.invocation import Invocation
from pocketbus.emulator.shards import parcels
from pocketbus.emulator.shards.contents import Packed
from tests.apis.asgi import ask
from tests.emulator.shards.sides import RefusedError, Side, Sides
from tests.turns import until

MISSING = "arn:aws:sqs:us-east-1:111111111111:missing"
PARCEL: list[Any] = [
    "delivery",
    "arn:aws:sns:us-east-1:000000000000:news:1",
    "arn:aws:sqs:us-east-1:111111111111:orders",
    0,
    "subject",
    None,
    None,
    "sqs",
    None,
]


async def subscribed(sides: Sides, queue: str, topic: str = "news", **attributes: str) -> str:
    """Have a queue there subscribed to a topic here, and return the topic's ARN."""
    topic_arn = await sides.here.topic(topic)
    await sides.here.call(
        "sns", "Subscribe", TopicArn=topic_arn, Protocol="sqs", Endpoint=queue, Attributes=attributes
    )
    return topic_arn


async def test_a_topic_has_its_envelope_delivered_to_a_queue_of_another_shard(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"))
    published = await sides.here.call("sns", "Publish", TopicArn=topic, Message="one", Subject="first")
    sides.carry()
    (body,) = map(json.loads, sides.there.bodies("orders"))
    assert (body["Message"], body["Subject"], body["MessageId"], body["TopicArn"]) == (
        "one",
        "first",
        published["MessageId"],
        topic,
    )


async def test_a_message_arrives_as_it_would_on_one_server(sides: Sides) -> None:
    here = await sides.here.queue("orders")
    topic = await subscribed(sides, await sides.there.queue("orders"))
    await sides.here.call("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=here)
    await sides.here.call(
        "sns",
        "Publish",
        TopicArn=topic,
        Message="é\U0001f600",
        MessageAttributes={"kind": {"DataType": "Binary", "BinaryValue": b"\xff\x00"}},
    )
    sides.carry()

    def told(side: Side) -> dict[str, str]:
        (body,) = map(json.loads, side.bodies("orders"))
        del body["UnsubscribeURL"]  # it names the subscription
        found: dict[str, str] = body
        return found

    assert told(sides.there) == told(sides.here)


async def test_raw_delivery_brings_the_message_and_its_attributes(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"), RawMessageDelivery="true")
    attributes = {"kind": {"DataType": "Binary", "BinaryValue": b"\xff\x00"}}
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one", MessageAttributes=attributes)
    sides.carry()
    url = f"http://localhost:4566/{sides.there.account}/orders"
    received = await sides.there.call("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"])
    (message,) = received["Messages"]
    assert message["Body"] == "one"
    assert message["MessageAttributes"] == attributes


async def test_a_filter_policy_is_looked_at_before_anything_is_carried(sides: Sides) -> None:
    policy = '{"kind": ["wanted"]}'
    queue = await sides.there.queue("orders")
    topic = await subscribed(sides, queue, FilterPolicy=policy, FilterPolicyScope="MessageBody")
    for kind in ("wanted", "other"):
        await sides.here.call("sns", "Publish", TopicArn=topic, Message=json.dumps({"kind": kind}))
    assert len(sides.here.engine.exchange) == 1
    sides.carry()
    assert len(sides.there.bodies("orders")) == 1


async def test_a_fifo_topic_keeps_the_order_of_a_group_and_takes_duplicates_once(sides: Sides) -> None:
    queue = await sides.there.queue("orders.fifo")
    topic = await subscribed(sides, queue, "news.fifo", RawMessageDelivery="true")
    for number in (1, 2, 2, 3):
        await sides.here.call(
            "sns",
            "Publish",
            TopicArn=topic,
            Message=str(number),
            MessageGroupId="g",
            MessageDeduplicationId=str(number),
        )
    sides.carry()
    assert sides.there.bodies("orders.fifo") == ["1", "2", "3"]


async def test_the_trace_tells_on_both_sides_where_a_message_went(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"))
    published = await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    sides.carry()
    subscriptions = await sides.here.call("sns", "ListSubscriptions")
    (subscription,) = (one["SubscriptionArn"] for one in subscriptions["Subscriptions"])
    assert sides.here.story(published["MessageId"]) == [
        ("published", "to 1 of 1 subscriptions"),
        ("carried", "to shard 1"),
        ("delivered", "in shard 1"),
    ]
    assert sides.there.story(published["MessageId"]) == [
        ("arrived", "from shard 0"),
        ("delivered", subscription),
    ]


async def test_a_delivery_is_counted_by_the_topic_that_it_comes_from(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"))
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    sides.carry()
    assert sides.here.engine.deliveries[topic]["delivered"] == 1
    assert dict(sides.there.engine.deliveries) == {}


async def test_what_finds_no_queue_there_goes_to_the_dead_letter_queue_here(sides: Sides) -> None:
    dead = await sides.here.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": dead})
    topic = await subscribed(sides, MISSING, RedrivePolicy=policy, RawMessageDelivery="true")
    published = await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    assert sides.here.bodies("dead") == []
    sides.carry()
    assert sides.here.bodies("dead") == ["one"]
    assert ("undeliverable", "The target does not exist.") in sides.here.story(published["MessageId"])


async def test_a_dead_letter_queue_may_be_of_another_shard_itself(sides: Sides) -> None:
    dead = await sides.there.queue("dead")
    missing = sides.here.arn("sqs", "missing")
    topic = await subscribed(sides, missing, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    sides.carry()
    assert len(sides.there.bodies("dead")) == 1


async def test_a_message_that_is_too_large_for_the_queue_there_is_refused(sides: Sides) -> None:
    await sides.there.call("sqs", "CreateQueue", QueueName="small", Attributes={"MaximumMessageSize": "1024"})
    await sides.here.queue("dead")
    await sides.here.rule(
        "r", sides.there.arn("sqs", "small"), DeadLetterConfig={"Arn": sides.here.arn("sqs", "dead")}
    )
    await sides.here.put(1, Detail=json.dumps({"text": "x" * 2000}))
    sides.carry()
    url = f"http://localhost:4566/{sides.here.account}/dead"
    received = await sides.here.call("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"])
    attributes = {
        name: one["StringValue"] for name, one in received["Messages"][0]["MessageAttributes"].items()
    }
    assert attributes["ERROR_CODE"] == "INVALID_PARAMETER"
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert "shorter than 1024 bytes" in attributes["ERROR_MESSAGE"]


async def test_a_rule_sends_its_events_to_a_queue_and_a_topic_of_another_shard(sides: Sides) -> None:
    queue = await sides.there.queue("orders")
    topic = await sides.there.topic("news")
    await sides.there.call("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    await sides.here.rule("to-queue", queue)
    await sides.here.rule("to-topic", topic)
    await sides.here.put(1)
    sides.carry()
    first, second = map(json.loads, sides.there.bodies("orders"))
    assert first["detail"] == {"n": 1}
    assert json.loads(second["Message"])["detail"] == {"n": 1}


async def bus_there(sides: Sides, *, open_to: str = "*") -> str:
    """Let a default bus there be put on from here, its events going on to a queue; return its ARN."""
    await sides.there.call(
        "events", "PutPermission", Action="events:PutEvents", Principal=open_to, StatementId="s"
    )
    await sides.there.rule("r", await sides.there.queue("events"))
    return sides.there.arn("events", "event-bus/default")


async def test_a_rule_forwards_its_events_to_a_bus_of_another_shard(sides: Sides) -> None:
    await sides.here.rule("forward", await bus_there(sides))
    await sides.here.put(1)
    sides.carry()
    (event,) = map(json.loads, sides.there.bodies("events"))
    assert (event["detail"], event["account"]) == ({"n": 1}, sides.here.account)


async def test_a_bus_of_another_shard_that_nobody_used_yet_is_there(sides: Sides) -> None:
    await sides.here.rule("forward", sides.there.arn("events", "event-bus/default"))
    event_id = (await sides.here.put(1))["Entries"][0]["EventId"]
    sides.carry()
    (last,) = sides.here.story(event_id)[-1:]
    assert last == (
        "undeliverable",
        (
            "Account 000000000000 is not authorized to perform: events:PutEvents on resource: "
            "arn:aws:events:us-east-1:111111111111:event-bus/default because no resource-based policy allows the "
            "events:PutEvents action"
        ),
    )


async def test_a_default_bus_is_that_of_its_own_shard_whoever_asked_here_before(sides: Sides) -> None:
    bus = await bus_there(sides)
    await sides.here.call("sns", "CreateTopic", Name="news")
    await sides.here.call(
        "sns",
        "Subscribe",
        sides.there.account,
        TopicArn=sides.here.arn("sns", "news"),
        Protocol="sqs",
        Endpoint=sides.there.arn("sqs", "events"),
    )
    await sides.here.rule("forward", bus)
    sides.here.begin_anew()
    await sides.here.put(1)
    sides.carry()
    assert len(sides.there.bodies("events")) == 1


async def test_an_event_is_forwarded_once_only_between_shards_too(sides: Sides) -> None:
    bus = await bus_there(sides)
    await sides.here.call(
        "events", "PutPermission", Action="events:PutEvents", Principal="*", StatementId="s"
    )
    await sides.here.rule("forward", bus)
    await sides.there.rule("back", sides.here.arn("events", "event-bus/default"))
    await sides.here.put(1)
    sides.carry()
    refused = [record.why for record in sides.there.engine.trace if record.verb == "undeliverable"]
    assert len(refused) == 1
    assert len(sides.there.bodies("events")) == 1


async def test_events_put_on_buses_of_several_shards_are_carried_to_those_elsewhere(sides: Sides) -> None:
    bus = await bus_there(sides)
    put = await sides.here.put(1, EventBusName=bus)
    sides.carry()
    (event,) = map(json.loads, sides.there.bodies("events"))
    assert (event["id"], event["account"]) == (put["Entries"][0]["EventId"], sides.here.account)


async def scheduled(sides: Sides, queue: str = "", **more: Any) -> None:
    """Have a schedule here come due once, for a queue there."""
    target = {"Arn": queue, "RoleArn": "arn:aws:iam::000000000000:role/r", "Input": "tick", **more}
    sides.here.engine.freeze()
    await sides.here.call(
        "scheduler",
        "CreateSchedule",
        Name="s",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    sides.here.engine.advance(299)
    sides.carry()


async def test_a_schedule_sends_to_a_queue_of_another_shard(sides: Sides) -> None:
    await scheduled(sides, await sides.there.queue("orders"))
    assert sides.there.bodies("orders") == ["tick"]


async def test_a_schedule_hears_that_its_queue_is_missing_there(sides: Sides) -> None:
    dead = await sides.here.queue("dead")
    await scheduled(sides, MISSING, DeadLetterConfig={"Arn": dead})
    url = f"http://localhost:4566/{sides.here.account}/dead"
    received = await sides.here.call("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"])
    attributes = received["Messages"][0]["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "AWS.SimpleQueueService.NonExistentQueue"


async def piped(sides: Sides, target: str, *, anew: bool = False) -> None:
    """Have a pipe take one message from a queue here to a target there, and perhaps another engine end that."""
    source = await sides.here.queue("source")
    role = "arn:aws:iam::000000000000:role/r"
    sides.here.engine.freeze()
    await sides.here.call("pipes", "CreatePipe", Name="p", Source=source, Target=target, RoleArn=role)
    async with sides.here.engine:
        await sides.here.call(
            "sqs",
            "SendMessage",
            QueueUrl=f"http://localhost:4566/{sides.here.account}/source",
            MessageBody="one",
        )
        sides.here.engine.advance(60)
        await until(lambda: len(sides.here.engine.exchange))
        if anew:
            sides.here.snapshot()
            sides.here.begin_anew()
        sides.carry()
        await sides.here.engine.tasks.quiet()


async def test_a_pipe_that_waits_for_another_shard_goes_on_in_the_next_engine(sides: Sides) -> None:
    await piped(sides, await sides.there.queue("orders"), anew=True)
    assert len(sides.there.bodies("orders")) == 1
    assert sides.here.bodies("source") == []


async def test_a_pipe_sends_to_a_queue_of_another_shard_and_deletes_what_arrived(sides: Sides) -> None:
    await piped(sides, await sides.there.queue("orders"))
    (body,) = map(json.loads, sides.there.bodies("orders"))
    assert body["body"] == "one"
    assert sides.here.bodies("source") == []


async def test_a_pipe_keeps_what_was_refused_in_another_shard(sides: Sides) -> None:
    await piped(sides, MISSING)
    assert sides.here.bodies("source") == ["one"]


async def test_no_rule_sends_to_a_custom_bus_of_another_shard(sides: Sides) -> None:
    """Each custom bus drops what has passed it before, which its own shard alone can know."""
    sides.there.engine.freeze()
    bus = (await sides.there.call("eventbridgev2", "CreateEventBus", Name="b"))["EventBusArn"]
    await sides.here.rule("r", bus)
    event_id = (await sides.here.put(1))["Entries"][0]["EventId"]
    assert sides.here.story(event_id)[-1] == ("undeliverable", "The target does not exist.")


async def test_a_function_s_destination_may_be_a_bus_of_another_shard(sides: Sides) -> None:
    bus = await bus_there(sides)
    await sides.there.rule("lambda", sides.there.arn("sqs", "events"))
    await sides.there.call("events", "PutRule", Name="lambda", EventPattern='{"source": ["lambda"]}')
    engine = sides.here.engine
    invocation = Invocation("arn:aws:lambda:us-east-1:000000000000:function:f", "r", b"{}")
    Destinations(engine, engine.api_calls).tell(bus, Ended(invocation, 1, None, None), engine.clock.now())
    sides.carry()
    (event,) = map(json.loads, sides.there.bodies("events"))
    assert event["detail"]["requestContext"]["requestId"] == "r"


async def published_to_function(sides: Sides) -> str:
    """Publish to a function there, have that carried, and return the id; the function has not been called yet."""
    sides.there.engine.functions.handle("f", lambda _event, _context: {})
    dead = await sides.here.queue("dead")
    topic = await sides.here.topic("news")
    await sides.here.call(
        "sns",
        "Subscribe",
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=sides.there.arn("lambda", "function:f"),
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
    )
    published: str = (await sides.here.call("sns", "Publish", TopicArn=topic, Message="one"))["MessageId"]
    sides.hear(sides.here, sides.arrive(sides.here, sides.carriage(sides.here)))
    return published


async def test_a_delivery_that_takes_time_there_has_not_ended_here(sides: Sides) -> None:
    async with sides.there.engine:
        published = await published_to_function(sides)
        exchange = sides.here.engine.exchange
        assert (len(exchange), exchange.waits(1)) == (1, False)
        assert sides.here.story(published)[-1] == ("carried", "to shard 1")
        await sides.there.engine.tasks.quiet()
        sides.carry()
    assert sides.here.story(published)[-1] == ("delivered", "in shard 1")


async def test_a_delivery_that_takes_time_is_not_forgotten_by_either_engine(sides: Sides) -> None:
    async with sides.there.engine:
        published = await published_to_function(sides)
        for side in sides:
            side.snapshot()
            side.begin_anew()
        assert len(sides.here.engine.exchange) == 1
        sides.there.engine.functions.handle("f", lambda _event, _context: {})
        async with sides.there.engine:
            await sides.there.engine.tasks.quiet()
            sides.carry()
    assert sides.here.story(published)[-1] == ("delivered", "in shard 1")


async def test_what_a_reset_breaks_off_there_is_told_here(sides: Sides) -> None:
    async with sides.there.engine:
        await published_to_function(sides)
        sides.there.engine.reset()
        sides.carry()
    assert len(sides.here.bodies("dead")) == 1


async def test_a_fault_here_strikes_at_what_leaves_for_another_shard(sides: Sides) -> None:
    queue, dead = await sides.there.queue("orders"), await sides.here.queue("dead")
    topic = await subscribed(sides, queue, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    fault = json.dumps({"kind": "failure", "resource": queue}).encode()
    reply = await ask(sides.here.app, fault, path="/_pocketbus/faults")
    assert reply.status == 200, reply.text
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    assert len(sides.here.engine.exchange) == 0
    assert len(sides.here.bodies("dead")) == 1


async def test_deliveries_beyond_the_bound_go_to_their_dead_letter_queue(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides.here.engine.exchange, "_limit", 1)
    dead = await sides.here.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": dead})
    queue = await sides.there.queue("orders")
    topic = await subscribed(sides, queue, RedrivePolicy=policy, RawMessageDelivery="true")
    for text in ("one", "two"):
        await sides.here.call("sns", "Publish", TopicArn=topic, Message=text)
    sides.carry()
    assert (sides.there.bodies("orders"), sides.here.bodies("dead")) == (["one"], ["two"])
    assert sides.here.engine.exchange.held().dropped == 1


async def test_what_is_on_its_way_is_among_the_bounds(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"))
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    reply = await ask(sides.here.app, method="GET", path="/_pocketbus/bounds")
    assert json.loads(reply.body)["carried"] == {
        "items": 1,
        "bytes": 3,
        "most_items": 100_000,
        "most_bytes": 268_435_456,
        "dropped": 0,
    }


async def test_a_content_that_goes_to_many_queues_is_carried_and_held_once(sides: Sides) -> None:
    topic = await sides.here.topic("news")
    for number in range(10):
        queue = await sides.there.queue(f"q{number}")
        await sides.here.call("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="x" * 10_000)
    assert sides.here.engine.exchange.held().bytes == 10_000
    assert len(sides.carriage(sides.here)) < 20_000
    sides.carry()
    assert len(json.loads(sides.there.bodies("q9")[0])["Message"]) == 10_000


async def test_a_carriage_is_bounded_by_bytes(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pocketbus.emulator.shards.channels.BATCH_BYTES", 1000)
    topic = await subscribed(sides, await sides.there.queue("orders"))
    for number in range(10):
        await sides.here.call("sns", "Publish", TopicArn=topic, Message=f"{number}" * 350)
    carriage = sides.here.engine.exchange.carriage(1)
    assert len(carriage.parcels) == 3
    sides.carry()
    assert len(sides.there.bodies("orders")) == 10


async def test_a_reset_gives_up_what_is_on_its_way_and_what_comes_after_is_carried(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"), RawMessageDelivery="true")
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="lost")
    sides.here.engine.reset()
    topic = await subscribed(sides, sides.there.arn("sqs", "orders"), RawMessageDelivery="true")
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    sides.carry()
    assert sides.there.bodies("orders") == ["one"]


async def test_a_reset_of_the_other_shard_forgets_no_number(sides: Sides) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"), RawMessageDelivery="true")
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    again = sides.carriage(sides.here)
    sides.carry()
    sides.there.engine.reset()
    await sides.there.queue("orders")
    sides.arrive(sides.here, again)
    assert sides.there.bodies("orders") == []
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="two")
    sides.carry()
    assert sides.there.bodies("orders") == ["two"]


async def test_a_clock_that_stands_elsewhere_says_when_a_message_came_there(sides: Sides) -> None:
    sides.there.engine.freeze()
    sides.there.engine.clock.set(1_000_000.0)
    topic = await subscribed(sides, await sides.there.queue("orders"))
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    sides.carry()
    queue = sides.there.engine.resources[sides.there.arn("sqs", "orders")]
    assert [message.sent_at for message in queue] == [1_000_000.0]  # type: ignore[attr-defined]


async def test_a_request_that_nests_as_deep_as_it_may_is_carried_and_read_again(sides: Sides) -> None:
    await sides.there.queue("orders")
    url = f"http://localhost:4566/{sides.there.account}/orders"
    deepest = "[" * 549 + "]" * 549
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        "Input": f'{{"QueueUrl": "{url}", "MessageBody": "tick", "Unknown": {deepest}}}',
    }
    await scheduled(sides, **target)
    for side in sides:
        side.begin_anew()
    assert sides.there.bodies("orders") == ["tick"]


async def test_json_that_nests_too_deep_is_refused_in_a_replay_too(sides: Sides) -> None:
    topic = await sides.here.topic("news")
    for depth in range(850, 1000):
        message = f'{{"default": "one", "sqs": {"[" * depth}{"]" * depth}}}'
        with suppress(RefusedError):
            await sides.here.call("sns", "Publish", TopicArn=topic, Message=message, MessageStructure="json")
    told = [record.subject for record in sides.here.engine.trace]
    sides.here.begin_anew()
    assert [record.subject for record in sides.here.engine.trace] == told


def without(parcel: list[Any], place: int, value: Any) -> list[Any]:
    return [*parcel[:place], value, *parcel[place + 1 :]]


@pytest.mark.parametrize(
    ("contents", "parcel"),
    [
        ([["text", "one", {}, None]], []),
        ([["text", "one", {}, None]], ["delivery"]),
        ([["text", "one", {}, None]], ["letter", *PARCEL[1:]]),
        *(([["text", "one", {}, None]], without(PARCEL, place, 5.5)) for place in range(len(PARCEL))),
        ([["text", "one", {}, None]], [*PARCEL, "more"]),
        ([["text", "one", {}, None]], without(PARCEL, 8, ["topic", {"backoff": "x"}])),
        ([["text", None, {}, None]], PARCEL),
        ([["text", "one", {"a": ["String", 5]}, None]], PARCEL),
        ([["event", "one", None]], PARCEL),
        ([["envelope", 0, 0]], PARCEL),
        ([["subscription", "a", "b", "c", "d", "e"]], PARCEL),
    ],
)
async def test_a_delivery_that_cannot_be_read_ends_and_harms_nobody(
    sides: Sides, contents: list[Any], parcel: list[Any]
) -> None:
    await sides.there.queue("orders")
    sides.there.engine.freeze()
    good: list[Any] = ["text", "good", {}, None]
    carriage = [0, 0, [*contents, good], [parcel, without(PARCEL, 3, len(contents))]]
    defect = ["AttemptDefect", "The attempt ended in a defect of the emulator; its log tells more."]
    assert json.loads(sides.arrive(sides.here, json.dumps(carriage).encode())) == [
        2,
        [[1, 1, defect], [2, 2, None]],
    ]
    sides.there.begin_anew()
    sides.there.snapshot()
    sides.there.begin_anew()
    assert sides.there.bodies("orders") == ["good"]


async def test_a_delivery_that_cannot_be_written_holds_no_other_up(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(delivery: Delivery, packed: Packed) -> Any:
        if delivery.content.body == "broken":
            raise TypeError("this has no JSON")
        return parcels.written(delivery, packed)

    monkeypatch.setattr("pocketbus.emulator.shards.channels.written", broken)
    dead = await sides.here.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": dead})
    queue = await sides.there.queue("orders")
    topic = await subscribed(sides, queue, RedrivePolicy=policy, RawMessageDelivery="true")
    for text in ("broken", "one"):
        await sides.here.call("sns", "Publish", TopicArn=topic, Message=text)
    sides.carry()
    assert (sides.there.bodies("orders"), sides.here.bodies("dead")) == (["one"], ["broken"])


@pytest.mark.parametrize(
    "answer",
    [b"null", b"[]", b'["1",[]]', b"[-1,[]]", b"[1,[[1]]]", b'[1,[[1,1,"none"]]]', b"[1,[[1.5,1,null]]]"],
)
async def test_what_is_no_answer_changes_nothing(sides: Sides, answer: bytes) -> None:
    topic = await subscribed(sides, await sides.there.queue("orders"), RawMessageDelivery="true")
    await sides.here.call("sns", "Publish", TopicArn=topic, Message="one")
    with pytest.raises(ValueError):  # noqa: PT011 - what is wrong with it is of no interest
        sides.hear(sides.here, answer)
    sides.here.begin_anew()
    sides.carry()
    assert sides.there.bodies("orders") == ["one"]
