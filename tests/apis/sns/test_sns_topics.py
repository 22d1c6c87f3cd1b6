"""CreateTopic, DeleteTopic, ListTopics and the topic attributes over the wire."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]

UNKNOWN = "arn:aws:sns:us-east-1:{}:unknown"


def attributes_of(sns_client: Any, topic_arn: str) -> dict[str, str]:
    attributes: dict[str, str] = sns_client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    return attributes


def test_a_topic_is_named_by_its_arn(sns_client: Any, account: Any) -> None:
    created = sns_client.create_topic(Name="news")

    assert created["TopicArn"] == f"arn:aws:sns:us-east-1:{account.id}:news"


def test_the_attributes_of_a_new_topic(sns_client: Any, topic_arn: str, account: Any) -> None:
    attributes = attributes_of(sns_client, topic_arn)
    policy = json.loads(attributes.pop("Policy"))
    delivery = json.loads(attributes.pop("EffectiveDeliveryPolicy"))

    assert attributes == {
        "DisplayName": "",
        "Owner": account.id,
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": topic_arn,
    }
    assert policy["Statement"][0]["Resource"] == topic_arn
    assert delivery["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3


def test_the_attributes_of_a_fifo_topic(sns_client: Any, fifo_topic_arn: str) -> None:
    attributes = attributes_of(sns_client, fifo_topic_arn)

    assert (attributes["FifoTopic"], attributes["ContentBasedDeduplication"]) == ("true", "false")


def test_a_topic_created_with_fifo_false_is_a_standard_one(sns_client: Any) -> None:
    arn = sns_client.create_topic(Name="news", Attributes={"FifoTopic": "false"})["TopicArn"]

    assert "FifoTopic" not in attributes_of(sns_client, arn)


def test_creating_a_topic_again_gives_the_same(sns_client: Any) -> None:
    attributes = {"DisplayName": "News"}
    first = sns_client.create_topic(Name="news", Attributes=attributes)
    again = sns_client.create_topic(Name="news", Attributes=attributes)
    less = sns_client.create_topic(Name="news")

    assert first["TopicArn"] == again["TopicArn"] == less["TopicArn"]


@pytest.mark.parametrize(
    "attributes", [{"DisplayName": "Other"}, {"DisplayName": "News", "KmsMasterKeyId": "alias/aws/sns"}]
)
def test_creating_a_topic_again_with_other_attributes_is_refused(
    sns_client: Any, refusal: Refusal, attributes: dict[str, str]
) -> None:
    sns_client.create_topic(Name="news", Attributes={"DisplayName": "News"})

    assert refusal(sns_client.create_topic, Name="news", Attributes=attributes) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
        400,
    )


def test_creating_a_topic_again_with_other_tags_is_refused(sns_client: Any, refusal: Refusal) -> None:
    tag, other = {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}
    sns_client.create_topic(Name="news", Tags=[tag])
    sns_client.create_topic(Name="news", Tags=[tag])

    assert refusal(sns_client.create_topic, Name="news", Tags=[tag, other]) == (
        "InvalidParameter",
        "Invalid parameter: Tags Reason: Topic already exists with different tags",
        400,
    )


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("news", {"FifoTopic": "true"}),
        ("news.fifo", {}),
        ("", {}),
        ("a b", {}),
        ("x" * 257, {}),
        (".fifo", {"FifoTopic": "true"}),
        ("x" * 252 + ".fifo", {"FifoTopic": "true"}),
    ],
)
def test_a_name_outside_the_rules_is_refused(
    sns_client: Any, refusal: Refusal, name: str, attributes: dict[str, str]
) -> None:
    assert refusal(sns_client.create_topic, Name=name, Attributes=attributes) == (
        "InvalidParameter",
        "Invalid parameter: Topic Name",
        400,
    )


def test_the_longest_names_are_taken(sns_client: Any) -> None:
    sns_client.create_topic(Name="x" * 256)
    sns_client.create_topic(Name="x" * 251 + ".fifo", Attributes={"FifoTopic": "true"})

    assert len(sns_client.list_topics()["Topics"]) == 2


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Nonsense", "1", "Unknown attribute Nonsense"),
        (
            "ContentBasedDeduplication",
            "true",
            "Content-based deduplication can only be set for FIFO topics",
        ),
        ("SignatureVersion", "3", "SignatureVersion: Invalid value [3]. Must be 1 or 2."),
        (
            "MaximumMessageSize",
            "1023",
            "MaximumMessageSize: Invalid value [1023]. Must be an integer between 1024 and 1048576.",
        ),
        (
            "TracingConfig",
            "Passive",
            "TracingConfig: Invalid value [Passive]. Must be PassThrough or Active.",
        ),
        ("Policy", "no JSON", "Policy Error: null"),
        ("DisplayName", "x" * 101, "DisplayName: must be at most 100 characters long"),
        ("SQSSuccessFeedbackRoleArn", "role", "SQSSuccessFeedbackRoleArn: must be the ARN of a role"),
        (
            "DeliveryPolicy",
            '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}',
            "DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be an integer between 0 and 100",
        ),
    ],
)
def test_a_bad_attribute_refuses_the_topic(
    sns_client: Any, refusal: Refusal, name: str, value: str, message: str
) -> None:
    assert refusal(sns_client.create_topic, Name="news", Attributes={name: value}) == (
        "InvalidParameter",
        f"Invalid parameter: Attributes Reason: {message}",
        400,
    )
    assert sns_client.list_topics()["Topics"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DisplayName", "News"),
        ("SignatureVersion", "2"),
        ("MaximumMessageSize", "1048576"),
        ("TracingConfig", "Active"),
        ("KmsMasterKeyId", "alias/aws/sns"),
        ("Policy", '{"Version":"2012-10-17","Statement":[]}'),
        ("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"numRetries":5}}}'),
        *(
            (endpoint + suffix, value)
            for endpoint in ("HTTP", "Firehose", "Lambda", "Application", "SQS")
            for suffix, value in (
                ("SuccessFeedbackSampleRate", "100"),
                ("SuccessFeedbackRoleArn", "arn:aws:iam::000000000000:role/feedback"),
                ("FailureFeedbackRoleArn", "arn:aws:iam::000000000000:role/feedback"),
            )
        ),
    ],
)
def test_an_attribute_that_is_set_is_shown(sns_client: Any, topic_arn: str, name: str, value: str) -> None:
    sns_client.set_topic_attributes(TopicArn=topic_arn, AttributeName=name, AttributeValue=value)

    assert attributes_of(sns_client, topic_arn)[name] == value


def test_a_delivery_policy_lies_over_the_defaults(sns_client: Any, topic_arn: str) -> None:
    policy = '{"http":{"defaultHealthyRetryPolicy":{"numRetries":5}}}'
    sns_client.set_topic_attributes(TopicArn=topic_arn, AttributeName="DeliveryPolicy", AttributeValue=policy)

    effective = json.loads(attributes_of(sns_client, topic_arn)["EffectiveDeliveryPolicy"])
    retries = effective["http"]["defaultHealthyRetryPolicy"]
    assert (retries["numRetries"], retries["minDelayTarget"]) == (5, 20)


def test_an_attribute_without_a_value_is_taken_away(sns_client: Any, topic_arn: str) -> None:
    for value in ("alias/aws/sns", ""):
        sns_client.set_topic_attributes(
            TopicArn=topic_arn, AttributeName="KmsMasterKeyId", AttributeValue=value
        )

    assert "KmsMasterKeyId" not in attributes_of(sns_client, topic_arn)


def test_the_type_of_a_topic_does_not_change(sns_client: Any, fifo_topic_arn: str, refusal: Refusal) -> None:
    assert refusal(
        sns_client.set_topic_attributes,
        TopicArn=fifo_topic_arn,
        AttributeName="FifoTopic",
        AttributeValue="false",
    ) == ("InvalidParameter", "Invalid parameter: AttributeName", 400)


def test_an_unknown_attribute_cannot_be_set(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    assert refusal(
        sns_client.set_topic_attributes, TopicArn=topic_arn, AttributeName="Nonsense", AttributeValue="1"
    ) == ("InvalidParameter", "Invalid parameter: AttributeName", 400)


def test_an_unknown_topic_is_not_found(sns_client: Any, account: Any, refusal: Refusal) -> None:
    for call, params in (
        (sns_client.get_topic_attributes, {}),
        (sns_client.set_topic_attributes, {"AttributeName": "DisplayName", "AttributeValue": "x"}),
        (sns_client.list_subscriptions_by_topic, {}),
        (sns_client.publish, {"Message": "x"}),
        (sns_client.publish_batch, {"PublishBatchRequestEntries": [{"Id": "1", "Message": "x"}]}),
        (sns_client.subscribe, {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q"}),
    ):
        refused = refusal(call, TopicArn=UNKNOWN.format(account.id), **params)
        assert refused == ("NotFound", "Topic does not exist", 404)


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("randomstring", " Reason: An ARN must have at least 6 elements, not 1"),
        ("randomstring:1", " Reason: An ARN must have at least 6 elements, not 2"),
        ("", " Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:us-east-1:random", " Reason: An ARN must have at least 6 elements, not 5"),
        ("arn:aws:sqs:us-east-1:000000000000:news", ""),
        ("arn:aws:sns:eu-west-1:000000000000:news", ""),
        ("arn:aws:sns:us-east-1:000000000000:news:1", ""),
    ],
)
def test_what_is_no_arn_of_a_topic_is_refused(
    sns_client: Any, refusal: Refusal, arn: str, reason: str
) -> None:
    for call, params in (
        (sns_client.get_topic_attributes, {}),
        (sns_client.publish, {"Message": "x"}),
        (sns_client.subscribe, {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q"}),
    ):
        refused = refusal(call, TopicArn=arn, **params)
        assert refused == ("InvalidParameter", f"Invalid parameter: TopicArn{reason}", 400)


def test_a_topic_of_another_region_is_refused(account: Any, topic_arn: str, refusal: Refusal) -> None:
    elsewhere = account.client("sns", region="eu-west-1")

    for call, params in (
        (elsewhere.publish, {"Message": "x"}),
        (elsewhere.subscribe, {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q"}),
    ):
        refused = refusal(call, TopicArn=topic_arn, **params)
        assert refused == ("InvalidParameter", "Invalid parameter: TopicArn", 400)


def test_deleting_a_topic_takes_its_subscriptions_along(
    sns_client: Any, topic_arn: str, account: Any
) -> None:
    endpoint = f"arn:aws:sqs:us-east-1:{account.id}:q"
    sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint)

    sns_client.delete_topic(TopicArn=topic_arn)
    sns_client.delete_topic(TopicArn=topic_arn)

    assert sns_client.list_topics()["Topics"] == []
    assert sns_client.list_subscriptions()["Subscriptions"] == []


def test_topics_are_listed_a_hundred_a_page(sns_client: Any) -> None:
    for number in range(101):
        sns_client.create_topic(Name=f"topic-{number:03}")

    first = sns_client.list_topics()
    second = sns_client.list_topics(NextToken=first["NextToken"])

    assert (len(first["Topics"]), len(second["Topics"])) == (100, 1)
    assert "NextToken" not in second


def test_a_token_of_nobody_is_refused(sns_client: Any, refusal: Refusal) -> None:
    refused = refusal(sns_client.list_topics, NextToken="x")

    assert refused == ("InvalidParameter", "Invalid parameter: NextToken", 400)
