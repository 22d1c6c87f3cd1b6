"""Delivery policies: what of them is refused, and with what defaults they are shown."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]
URL = "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ({"healthyRetryPolicy": {"numRetries": 101}}, "healthyRetryPolicy.numRetries must be an integer"),
        (
            {"healthyRetryPolicy": {"minDelayTarget": 0}},
            "healthyRetryPolicy.minDelayTarget must be an integer",
        ),
        (
            {"healthyRetryPolicy": {"minDelayTarget": 30, "maxDelayTarget": 20}},
            "healthyRetryPolicy.minDelayTarget must not be greater than maxDelayTarget",
        ),
        (
            {"healthyRetryPolicy": {"numRetries": 2, "numNoDelayRetries": 2, "numMaxDelayRetries": 1}},
            "healthyRetryPolicy.numRetries must not be less than the retries of its phases",
        ),
        (
            {"healthyRetryPolicy": {"backoffFunction": ["linear"]}},
            "backoffFunction must be one of arithmetic, exponential, geometric, linear",
        ),
        (
            {"healthyRetryPolicy": {"backoffFunction": "cubic"}},
            "backoffFunction must be one of arithmetic, exponential, geometric, linear",
        ),
        ({"throttlePolicy": {"maxReceivesPerSecond": 0}}, "maxReceivesPerSecond must be an integer"),
        (
            {"requestPolicy": {"headerContentType": "a\r\nb"}},
            "requestPolicy.headerContentType must be a media type",
        ),
        ({"healthyRetryPolicy": []}, "healthyRetryPolicy must be a JSON object"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal, policy: Any, reason: str
) -> None:
    code, message, _ = refusal(
        sns_client.subscribe,
        TopicArn=topic_arn,
        Protocol="http",
        Endpoint=URL,
        Attributes={"DeliveryPolicy": json.dumps(policy)},
    )

    assert code == "InvalidParameter"
    assert message.startswith("Invalid parameter: Attributes Reason: DeliveryPolicy: ")
    assert reason in message


def test_the_defaults_are_shown_as_effective(sns_client: Any, topic_arn: str) -> None:
    arn = sns_client.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=URL, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]

    attributes = sns_client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]

    assert json.loads(attributes["EffectiveDeliveryPolicy"]) == {
        "healthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "sicklyRetryPolicy": None,
        "throttlePolicy": None,
        "requestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        "guaranteed": False,
    }
    assert "DeliveryPolicy" not in attributes


def test_an_empty_value_takes_a_policy_away(sns_client: Any, topic_arn: str) -> None:
    arn = sns_client.subscribe(
        TopicArn=topic_arn,
        Protocol="http",
        Endpoint=URL,
        Attributes={"DeliveryPolicy": json.dumps({"healthyRetryPolicy": {"numRetries": 1}})},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]

    sns_client.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="DeliveryPolicy", AttributeValue=""
    )

    assert "DeliveryPolicy" not in sns_client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
