"""Subscribe, Unsubscribe, the listings and the subscription attributes over the wire."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

Refusal = Callable[..., tuple[str, str, int]]
MakeEndpoint = Callable[..., Any]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
PARSER_WORDS = (
    "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n"
    " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]"
)


@pytest.fixture
def subscription_arn(sns_client: Any, topic_arn: str) -> str:
    arn: str = sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    return arn


def attributes_of(sns_client: Any, subscription_arn: str) -> dict[str, str]:
    answer = sns_client.get_subscription_attributes(SubscriptionArn=subscription_arn)
    attributes: dict[str, str] = answer["Attributes"]
    return attributes


def test_the_attributes_of_a_new_subscription(
    sns_client: Any, topic_arn: str, subscription_arn: str, account: Any
) -> None:
    assert attributes_of(sns_client, subscription_arn) == {
        "SubscriptionPrincipal": f"arn:aws:iam::{account.id}:user/pocketbus",
        "Owner": account.id,
        "RawMessageDelivery": "false",
        "TopicArn": topic_arn,
        "Endpoint": QUEUE,
        "Protocol": "sqs",
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        "SubscriptionArn": subscription_arn,
    }


def test_a_subscription_counts_at_its_topic(sns_client: Any, topic_arn: str, subscription_arn: str) -> None:
    def counts() -> tuple[str, str]:
        attributes = sns_client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
        return attributes["SubscriptionsConfirmed"], attributes["SubscriptionsDeleted"]

    before = counts()
    sns_client.unsubscribe(SubscriptionArn=subscription_arn)

    assert (before, counts()) == (("1", "0"), ("0", "1"))


def test_subscribing_again_gives_the_same(sns_client: Any, topic_arn: str) -> None:
    raw = {"RawMessageDelivery": "true"}
    first = sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE, Attributes=raw)
    again = sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE, Attributes=raw)
    less = sns_client.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE, ReturnSubscriptionArn=True
    )

    assert first["SubscriptionArn"] == again["SubscriptionArn"] == less["SubscriptionArn"]


@pytest.mark.parametrize(
    "attributes", [{"RawMessageDelivery": "false"}, {"FilterPolicy": '{"kind": ["order"]}'}]
)
def test_subscribing_again_with_other_attributes_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal, attributes: dict[str, str]
) -> None:
    sns_client.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE, Attributes={"RawMessageDelivery": "true"}
    )

    assert refusal(
        sns_client.subscribe, TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE, Attributes=attributes
    ) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
        400,
    )


def test_subscribing_again_with_the_same_filter_policy_gives_the_same(
    sns_client: Any, topic_arn: str
) -> None:
    params = {
        "TopicArn": topic_arn,
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "Attributes": {"FilterPolicy": '{"kind": {"of": ["order"]}}', "FilterPolicyScope": "MessageBody"},
    }

    assert (
        sns_client.subscribe(**params)["SubscriptionArn"] == sns_client.subscribe(**params)["SubscriptionArn"]
    )


def test_an_unknown_protocol_is_refused(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    refused = refusal(sns_client.subscribe, TopicArn=topic_arn, Protocol="test-protocol", Endpoint="x")

    assert refused == (
        "InvalidParameter",
        "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol",
        400,
    )


@pytest.mark.parametrize(
    "endpoint",
    ["http://localhost:4566/000000000000/q", "q", "arn:aws:lambda:us-east-1:000000000000:function:f"],
)
def test_what_is_no_arn_of_a_queue_cannot_be_subscribed(
    sns_client: Any, topic_arn: str, refusal: Refusal, endpoint: str
) -> None:
    refused = refusal(sns_client.subscribe, TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint)

    assert refused == ("InvalidParameter", "Invalid parameter: SQS endpoint ARN", 400)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[no address]/", "http://host:port/", "http://:80/", "http:///"]
)
def test_a_url_without_a_host_cannot_be_subscribed(
    sns_client: Any, topic_arn: str, refusal: Refusal, url: str
) -> None:
    refused = refusal(sns_client.subscribe, TopicArn=topic_arn, Protocol="http", Endpoint=url)

    assert refused == ("InvalidParameter", "Invalid parameter: Endpoint", 400)


def test_a_fifo_queue_cannot_be_subscribed_to_a_standard_topic(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    refused = refusal(sns_client.subscribe, TopicArn=topic_arn, Protocol="sqs", Endpoint=f"{QUEUE}.fifo")

    assert refused == (
        "InvalidParameter",
        (
            "Invalid parameter: Invalid parameter: Endpoint Reason: "
            "FIFO SQS Queues can not be subscribed to standard SNS topics"
        ),
        400,
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "RawMessageDelivery",
            "wrongvalue",
            "RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.",
        ),
        (
            "FilterPolicyScope",
            "Everything",
            "FilterPolicyScope: Invalid value [Everything]. Please use either MessageBody or MessageAttributes",
        ),
        ("RedrivePolicy", "{invalidjson}", f"RedrivePolicy: {PARSER_WORDS}"),
        ("FilterPolicy", "{invalidjson}", f"FilterPolicy: {PARSER_WORDS}"),
        ("Nonsense", "1", "Unknown attribute Nonsense"),
        (
            "FilterPolicy",
            '{"a": {"b": ["c"]}}',
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            "DeliveryPolicy",
            '{"healthyRetryPolicy": {"minDelayTarget": 30}}',
            "DeliveryPolicy: healthyRetryPolicy.minDelayTarget must not be greater than maxDelayTarget",
        ),
    ],
)
def test_a_bad_attribute_refuses_the_subscription(
    sns_client: Any, topic_arn: str, refusal: Refusal, name: str, value: str, message: str
) -> None:
    refused = refusal(
        sns_client.subscribe,
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=QUEUE,
        Attributes={name: value},
    )

    assert refused == ("InvalidParameter", f"Invalid parameter: Attributes Reason: {message}", 400)
    assert sns_client.list_subscriptions()["Subscriptions"] == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FakeAttribute", "1", "AttributeName"),
        (
            "RawMessageDelivery",
            "test-ValUe",
            "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.",
        ),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        (
            "FilterPolicyScope",
            "RandomValue",
            "FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes",
        ),
        ("FilterPolicy", "{invalidjson}", f"FilterPolicy: {PARSER_WORDS}"),
        ("RedrivePolicy", "{invalidjson}", f"RedrivePolicy: {PARSER_WORDS}"),
        (
            "RedrivePolicy",
            '{"deadLetterTargetArn": "fake-arn"}',
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        ("RedrivePolicy", "[1]", "RedrivePolicy: must be a JSON object"),
    ],
)
def test_a_bad_attribute_cannot_be_set(
    sns_client: Any, subscription_arn: str, refusal: Refusal, name: str, value: str, message: str
) -> None:
    refused = refusal(
        sns_client.set_subscription_attributes,
        SubscriptionArn=subscription_arn,
        AttributeName=name,
        AttributeValue=value,
    )

    assert refused == ("InvalidParameter", f"Invalid parameter: {message}", 400)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RawMessageDelivery", "true"),
        ("RedrivePolicy", json.dumps({"deadLetterTargetArn": QUEUE})),
        ("DeliveryPolicy", '{"healthyRetryPolicy": {"numRetries": 5}}'),
    ],
)
def test_an_attribute_that_is_set_is_shown(
    sns_client: Any, subscription_arn: str, name: str, value: str
) -> None:
    sns_client.set_subscription_attributes(
        SubscriptionArn=subscription_arn, AttributeName=name, AttributeValue=value
    )

    assert attributes_of(sns_client, subscription_arn)[name] == value


@pytest.mark.parametrize("name", ["RedrivePolicy", "FilterPolicy"])
def test_an_empty_object_takes_a_policy_away(sns_client: Any, subscription_arn: str, name: str) -> None:
    policies = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE}), "FilterPolicy": '{"a": ["b"]}'}
    for value in (policies[name], "{}"):
        sns_client.set_subscription_attributes(
            SubscriptionArn=subscription_arn, AttributeName=name, AttributeValue=value
        )

    assert name not in attributes_of(sns_client, subscription_arn)


def test_the_scope_of_a_filter_policy_is_shown_with_it_only(sns_client: Any, subscription_arn: str) -> None:
    before = attributes_of(sns_client, subscription_arn)
    sns_client.set_subscription_attributes(
        SubscriptionArn=subscription_arn, AttributeName="FilterPolicy", AttributeValue='{"a": ["b"]}'
    )

    assert "FilterPolicyScope" not in before
    assert attributes_of(sns_client, subscription_arn)["FilterPolicyScope"] == "MessageAttributes"


def test_a_nested_policy_needs_the_scope_of_the_body(
    sns_client: Any, subscription_arn: str, refusal: Refusal
) -> None:
    nested = {
        "SubscriptionArn": subscription_arn,
        "AttributeName": "FilterPolicy",
        "AttributeValue": '{"a": {"b": ["c"]}}',
    }
    scope = {"SubscriptionArn": subscription_arn, "AttributeName": "FilterPolicyScope"}
    expected = (
        "InvalidParameter",
        "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy",
        400,
    )

    assert refusal(sns_client.set_subscription_attributes, **nested) == expected
    sns_client.set_subscription_attributes(**scope, AttributeValue="MessageBody")
    sns_client.set_subscription_attributes(**nested)
    narrowed = {**scope, "AttributeValue": "MessageAttributes"}
    assert refusal(sns_client.set_subscription_attributes, **narrowed) == expected


def test_a_fifo_subscription_needs_a_fifo_dead_letter_queue(
    sns_client: Any, fifo_topic_arn: str, refusal: Refusal
) -> None:
    arn = sns_client.subscribe(TopicArn=fifo_topic_arn, Protocol="sqs", Endpoint=f"{QUEUE}.fifo")[
        "SubscriptionArn"
    ]

    assert refusal(
        sns_client.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": QUEUE}),
    ) == (
        "InvalidParameter",
        "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
        400,
    )


def test_an_unknown_subscription_is_not_found(
    sns_client: Any, topic_arn: str, account: Any, refusal: Refusal
) -> None:
    of_topic = f"{topic_arn}:8c4a7e2e-9a0a-4f0e-8f3c-000000000000"
    of_nothing = f"arn:aws:sns:us-east-1:{account.id}:unknown:8c4a7e2e-9a0a-4f0e-8f3c-000000000000"
    setting = {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
    expected = ("NotFound", "Subscription does not exist", 404)

    for arn in (of_topic, of_nothing):
        assert refusal(sns_client.get_subscription_attributes, SubscriptionArn=arn) == expected
        assert refusal(sns_client.set_subscription_attributes, SubscriptionArn=arn, **setting) == expected


def test_unsubscribing_twice_is_no_error(sns_client: Any, subscription_arn: str) -> None:
    sns_client.unsubscribe(SubscriptionArn=subscription_arn)
    sns_client.unsubscribe(SubscriptionArn=subscription_arn)

    assert sns_client.list_subscriptions()["Subscriptions"] == []


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("randomstring", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        (
            "arn:aws:sns:us-east-1:random",
            "SubscriptionArn Reason: An ARN must have at least 6 elements, not 5",
        ),
        ("arn:aws:sns:us-east-1:111111111111:random", "SubscriptionId"),
        ("", "SubscriptionArn Reason: no value for required parameter"),
    ],
)
def test_what_is_no_arn_of_a_subscription_cannot_be_unsubscribed(
    sns_client: Any, refusal: Refusal, arn: str, message: str
) -> None:
    refused = refusal(sns_client.unsubscribe, SubscriptionArn=arn)

    assert refused == ("InvalidParameter", f"Invalid parameter: {message}", 400)


def test_the_url_in_the_envelope_unsubscribes(
    account: Any, sqs_client: Any, make_endpoint: MakeEndpoint
) -> None:
    endpoint, elsewhere = make_endpoint(), account.client("sns", region="eu-west-1")
    topic_arn = elsewhere.create_topic(Name="news")["TopicArn"]
    elsewhere.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn)
    elsewhere.publish(TopicArn=topic_arn, Message="hello")

    with urlopen(json.loads(endpoint.bodies()[0])["UnsubscribeURL"]) as answer:
        status = answer.status

    assert status == 200
    assert elsewhere.list_subscriptions()["Subscriptions"] == []


def test_subscriptions_are_listed(sns_client: Any, topic_arn: str, account: Any) -> None:
    other = sns_client.create_topic(Name="other")["TopicArn"]
    arn = sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    sns_client.subscribe(TopicArn=other, Protocol="sqs", Endpoint=QUEUE)
    expected = {
        "SubscriptionArn": arn,
        "Owner": account.id,
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "TopicArn": topic_arn,
    }

    assert sns_client.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"] == [expected]
    assert expected in sns_client.list_subscriptions()["Subscriptions"]
    assert len(sns_client.list_subscriptions()["Subscriptions"]) == 2


def test_subscriptions_are_listed_a_hundred_a_page(sns_client: Any, topic_arn: str) -> None:
    for number in range(101):
        sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=f"{QUEUE}{number}")

    for listing in (
        lambda **params: sns_client.list_subscriptions_by_topic(TopicArn=topic_arn, **params),
        sns_client.list_subscriptions,
    ):
        first = listing()
        second = listing(NextToken=first["NextToken"])
        assert (len(first["Subscriptions"]), len(second["Subscriptions"])) == (100, 1)
        assert "NextToken" not in second
