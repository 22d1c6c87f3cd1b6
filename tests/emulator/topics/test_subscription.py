"""A subscription gives its subscriber the envelope or the raw message, and its dead letters a place."""

import json
from collections.abc import Callable
from hashlib import md5
from typing import Any

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Attribute
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import RedrivePolicy, SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

MakeQueue = Callable[..., Queue]


def subscribed_topic(
    scope: Scope, endpoint: str, settings: SubscriptionSettings, **topic_settings: Any
) -> Topic:
    topic = scope.sns.create_topic(
        "news.fifo" if topic_settings else "news", TopicSettings(**topic_settings), {}
    )
    topic.subscribe("sqs", endpoint, "000000000000", settings, "http://localhost:4566")
    return topic


def publish(engine: Engine, topic: Topic, publication: Publication) -> str:
    now = engine.clock.now()
    published = topic.publish(publication, now)
    carry(published.deliveries, engine, now)
    return published.message_id


def dead_lettering(target: Queue, *, raw: bool) -> SubscriptionSettings:
    return SubscriptionSettings(raw_message_delivery=raw, redrive_policy=RedrivePolicy("{}", target.arn))


def test_the_envelope_is_written_as_aws_writes_it(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings())
    attributes = {"price": Attribute("Number", "1.5"), "blob": Attribute("Binary", b"xx")}

    message_id = publish(engine, topic, Publication('say "hé"\n', subject="News", attributes=attributes))

    subscription = next(iter(topic.audience))
    signature = json.loads(next(iter(queue)).content.body)["Signature"]
    assert len(signature) == 344
    certificate = "/_aws/sns/SimpleNotificationService-00000000000000000000000000000000.pem"
    assert next(iter(queue)).content.body == (
        "{\n"
        '  "Type" : "Notification",\n'
        f'  "MessageId" : "{message_id}",\n'
        '  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:news",\n'
        '  "Subject" : "News",\n'
        '  "Message" : "say \\"hé\\"\\n",\n'
        '  "Timestamp" : "1970-01-12T13:46:40.000Z",\n'
        '  "SignatureVersion" : "1",\n'
        f'  "Signature" : "{signature}",\n'
        f'  "SigningCertURL" : "http://localhost:4566{certificate}",\n'
        f'  "UnsubscribeURL" : "http://localhost:4566/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",\n'
        '  "MessageAttributes" : {\n'
        '    "price" : {"Type":"Number","Value":"1.5"},\n'
        '    "blob" : {"Type":"Binary","Value":"eHg="}\n'
        "  }\n"
        "}"
    )


def test_what_is_not_given_is_not_in_the_envelope(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    publish(engine, subscribed_topic(scope, queue.arn, SubscriptionSettings()), Publication("hello"))

    assert list(json.loads(next(iter(queue)).content.body)) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
    ]


def test_the_envelope_of_a_fifo_topic_has_the_sequence_number(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue("orders.fifo", fifo=True)
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings(), fifo=True)

    publish(engine, topic, Publication("hello", group_id="g", deduplication_id="d"))

    envelope = json.loads(next(iter(queue)).content.body)
    assert list(envelope)[:4] == ["Type", "MessageId", "SequenceNumber", "TopicArn"]
    assert envelope["SequenceNumber"] == "10000000000000001000"


def test_each_envelope_names_its_own_subscription(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    first, second = make_queue("first"), make_queue("second")
    topic = subscribed_topic(scope, first.arn, SubscriptionSettings())
    topic.subscribe("sqs", second.arn, "000000000000", SubscriptionSettings(), "http://localhost:4566")

    publish(engine, topic, Publication("hello"))

    urls = [json.loads(next(iter(queue)).content.body)["UnsubscribeURL"] for queue in (first, second)]
    assert [url.rpartition("=")[2] for url in urls] == [subscription.arn for subscription in topic.audience]


def test_the_digest_of_an_envelope_is_that_of_its_body(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    publish(engine, subscribed_topic(scope, queue.arn, SubscriptionSettings()), Publication("hé"))

    content = next(iter(queue)).content

    assert content.md5_of_body == md5(content.body.encode(), usedforsecurity=False).hexdigest()


def test_the_envelope_does_not_count_towards_the_size(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue(maximum_message_size=1024)
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings())

    publish(engine, topic, Publication("x" * 1024))

    assert next(iter(queue)).content.size == 1024


def test_an_envelope_has_no_message_attributes_of_its_own(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings())

    publish(engine, topic, Publication("hello", attributes={"kind": Attribute("String", "order")}))

    assert next(iter(queue)).content.attributes == {}


def test_raw_delivery_gives_the_message_and_its_attributes(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings(raw_message_delivery=True))
    attributes = {"kind": Attribute("String.Array", '["a"]')}

    publish(engine, topic, Publication("hello", subject="News", attributes=attributes))

    content = next(iter(queue)).content
    assert (content.body, content.attributes) == ("hello", attributes)


def test_a_message_for_a_vanished_queue_goes_to_the_dead_letter_queue_as_it_would_have_been_delivered(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    dead_letters = make_queue("dead")
    gone = "arn:aws:sqs:us-east-1:000000000000:gone"
    topic = subscribed_topic(scope, gone, dead_lettering(dead_letters, raw=True))
    attributes = {"kind": Attribute("String", "order")}

    publish(engine, topic, Publication("hello", attributes=attributes))

    content = next(iter(dead_letters)).content
    assert (content.body, content.attributes) == ("hello", attributes)


def test_ten_attributes_are_the_most_that_raw_delivery_carries(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    topic = subscribed_topic(scope, queue.arn, SubscriptionSettings(raw_message_delivery=True))

    publish(engine, topic, Publication("ten", attributes=numbered_attributes(10)))
    refused = publish(engine, topic, Publication("eleven", attributes=numbered_attributes(11)))

    assert [message.content.body for message in queue] == ["ten"]
    assert [record.why for record in engine.trace.of(refused)] == [
        "to 1 of 1 subscriptions",
        "Raw message delivery carries at most 10 message attributes, not 11.",
    ]


def test_what_raw_delivery_cannot_carry_goes_to_the_dead_letter_queue_in_its_envelope(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    queue, dead_letters = make_queue(), make_queue("dead")
    topic = subscribed_topic(scope, queue.arn, dead_lettering(dead_letters, raw=True))

    publish(engine, topic, Publication("eleven", attributes=numbered_attributes(11)))

    envelope = json.loads(next(iter(dead_letters)).content.body)
    assert (envelope["Message"], len(envelope["MessageAttributes"])) == ("eleven", 11)
    assert list(queue) == []


def numbered_attributes(count: int) -> dict[str, Attribute]:
    return {f"a{number}": Attribute("String", "x") for number in range(count)}
