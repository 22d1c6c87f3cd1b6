"""SNS to SQS: what arrives in the queues that subscribe to a topic."""

import json
from typing import Any

from tests.parity.aws import Aws

# They differ from one publication to the next, or from one AWS to the next.
_VOLATILE = frozenset({"Timestamp", "Signature", "SigningCertURL", "UnsubscribeURL", "MessageId"})


def _topic(aws: Aws, name: str = "orders", **attributes: str) -> str:
    arn: str = aws(f"create {name}", "sns.create_topic", Name=name, Attributes=attributes)["TopicArn"]
    return arn


def _subscribe(aws: Aws, topic: str, queue: str, **attributes: str) -> None:
    arn = aws.arn_of(queue)
    name = arn.rpartition(":")[2]
    aws(
        f"subscribe {name}",
        "sns.subscribe",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )


def _arrivals(aws: Aws, step: str, queue: str) -> None:
    """Note what arrived in a queue: the envelopes taken apart, the rest as it is."""
    result = aws(
        step, "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    arrived = [
        {"body": _body(message["Body"]), "attributes": message.get("MessageAttributes", {})}
        for message in result.get("Messages", [])
    ]
    aws.transcript[step]["result"] = {"arrived": sorted(arrived, key=lambda one: json.dumps(one["body"]))}


def _body(text: str) -> Any:
    try:
        body = json.loads(text)
    except ValueError:
        return text
    if not isinstance(body, dict) or "TopicArn" not in body:
        return text
    return {name: "<present>" if name in _VOLATILE else value for name, value in body.items()}


def a_message_arrives_in_every_queue_that_subscribes(aws: Aws) -> None:
    topic, wrapped, raw = _topic(aws), aws.make_queue("wrapped"), aws.make_queue("raw")
    _subscribe(aws, topic, wrapped)
    _subscribe(aws, topic, raw, RawMessageDelivery="true")
    attributes = {"city": {"DataType": "String", "StringValue": "Bern"}}
    aws("publish", "sns.publish", TopicArn=topic, Message="job", Subject="News", MessageAttributes=attributes)
    _arrivals(aws, "arrived in an envelope", wrapped)
    _arrivals(aws, "arrived raw", raw)


def a_filter_policy_chooses_by_attributes(aws: Aws) -> None:
    topic, queue = _topic(aws), aws.make_queue("cheap")
    policy = {"price": [{"numeric": ["<", 100]}], "city": ["Bern", {"prefix": "Z"}]}
    _subscribe(aws, topic, queue, FilterPolicy=json.dumps(policy), RawMessageDelivery="true")
    for city, price in (("Bern", "99.5"), ("Bern", "100"), ("Zug", "1"), ("Genf", "1")):
        attributes = {
            "city": {"DataType": "String", "StringValue": city},
            "price": {"DataType": "Number", "StringValue": price},
        }
        step = f"publish {city} {price}"
        aws(step, "sns.publish", TopicArn=topic, Message=f"{city} {price}", MessageAttributes=attributes)
    aws("publish without attributes", "sns.publish", TopicArn=topic, Message="none")
    _arrivals(aws, "arrived", queue)


def a_filter_policy_chooses_by_the_body(aws: Aws) -> None:
    topic, queue = _topic(aws), aws.make_queue("paid")
    policy = json.dumps({"order": {"state": ["paid"]}})
    _subscribe(
        aws, topic, queue, FilterPolicy=policy, FilterPolicyScope="MessageBody", RawMessageDelivery="true"
    )
    for number, body in enumerate(
        ({"order": {"state": "paid"}}, {"order": {"state": "open"}}, {"state": "paid"})
    ):
        aws(f"publish {number}", "sns.publish", TopicArn=topic, Message=json.dumps(body))
    aws("publish what is not JSON", "sns.publish", TopicArn=topic, Message="paid")
    _arrivals(aws, "arrived", queue)


def a_batch_arrives_message_by_message(aws: Aws) -> None:
    topic, queue = _topic(aws), aws.make_queue("raw")
    _subscribe(aws, topic, queue, RawMessageDelivery="true")
    entries = [{"Id": str(number), "Message": f"job {number}"} for number in range(3)]
    aws("publish", "sns.publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)
    _arrivals(aws, "arrived", queue)


def a_fifo_topic_keeps_its_order(aws: Aws) -> None:
    topic = _topic(aws, "orders.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    queue = aws.make_queue("orders.fifo", ContentBasedDeduplication="true")
    _subscribe(aws, topic, queue, RawMessageDelivery="true")
    for number, body in enumerate(("first", "second", "second")):
        aws(f"publish {number}", "sns.publish", TopicArn=topic, Message=body, MessageGroupId="g")
    aws("receive", "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=10)


def what_topics_refuse(aws: Aws) -> None:
    topic = _topic(aws)
    absent = f"{topic}-gone"
    aws("publish to an absent topic", "sns.publish", TopicArn=absent, Message="job")
    aws("an empty message", "sns.publish", TopicArn=topic, Message="")
    aws("an absent topic's attributes", "sns.get_topic_attributes", TopicArn=absent)
    aws("a topic's bad name", "sns.create_topic", Name="two words")
    aws("a protocol that is none", "sns.subscribe", TopicArn=topic, Protocol="pigeon", Endpoint="x")
