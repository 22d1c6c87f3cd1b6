"""Data protection policies over the wire."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]

STATEMENT = {
    "Sid": "no-cards",
    "DataDirection": "Inbound",
    "Principal": ["*"],
    "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],
    "Operation": {"Deny": {}},
}
POLICY = {"Name": "protection", "Version": "2021-06-01", "Statement": [STATEMENT]}


def policy_of(sns_client: Any, topic_arn: str) -> str | None:
    answer = sns_client.get_data_protection_policy(ResourceArn=topic_arn)
    policy: str | None = answer.get("DataProtectionPolicy")
    return policy


def test_a_policy_is_kept_as_it_was_given(sns_client: Any, topic_arn: str) -> None:
    text = json.dumps(POLICY, indent=1)

    sns_client.put_data_protection_policy(ResourceArn=topic_arn, DataProtectionPolicy=text)

    assert policy_of(sns_client, topic_arn) == text


def test_a_new_topic_has_no_policy(sns_client: Any, topic_arn: str) -> None:
    assert policy_of(sns_client, topic_arn) is None


def test_an_empty_object_takes_the_policy_away(sns_client: Any, topic_arn: str) -> None:
    sns_client.put_data_protection_policy(ResourceArn=topic_arn, DataProtectionPolicy=json.dumps(POLICY))

    sns_client.put_data_protection_policy(ResourceArn=topic_arn, DataProtectionPolicy="{}")

    assert policy_of(sns_client, topic_arn) is None


def test_a_topic_is_created_with_its_policy(sns_client: Any) -> None:
    arn = sns_client.create_topic(Name="cards", DataProtectionPolicy=json.dumps(POLICY))["TopicArn"]

    assert policy_of(sns_client, arn) == json.dumps(POLICY)


def test_creating_a_topic_again_with_another_policy_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    assert refusal(sns_client.create_topic, Name="news", DataProtectionPolicy=json.dumps(POLICY)) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
        400,
    )


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (
            "[]",
            "must be a JSON object",
        ),
        (json.dumps({**POLICY, "Name": ""}), "Name is required"),
        (json.dumps({**POLICY, "Version": "2012-10-17"}), "Version must be 2021-06-01"),
        (json.dumps({**POLICY, "Statement": []}), "Statement must be a list with at least one statement"),
        (json.dumps({**POLICY, "Statement": ["x"]}), "Statement must be a list of objects"),
        (
            json.dumps({**POLICY, "Statement": [{**STATEMENT, "DataDirection": "Up"}]}),
            "DataDirection must be Inbound or Outbound",
        ),
        (
            json.dumps({**POLICY, "Statement": [{**STATEMENT, "DataIdentifier": []}]}),
            "DataIdentifier must be a list with at least one member",
        ),
        (
            json.dumps({**POLICY, "Statement": [{**STATEMENT, "Operation": {"Erase": {}}}]}),
            "Operation must be one of Audit, Deidentify, Deny",
        ),
        (
            json.dumps({**POLICY, "Description": "x" * 30_720}),
            "must be at most 30720 characters long",
        ),
    ],
)
def test_what_is_no_policy_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal, policy: str, reason: str
) -> None:
    assert refusal(
        sns_client.put_data_protection_policy, ResourceArn=topic_arn, DataProtectionPolicy=policy
    ) == ("InvalidParameter", f"Invalid parameter: DataProtectionPolicy Reason: {reason}", 400)


def test_a_fifo_topic_takes_no_policy(sns_client: Any, fifo_topic_arn: str, refusal: Refusal) -> None:
    _, message, _ = refusal(
        sns_client.put_data_protection_policy,
        ResourceArn=fifo_topic_arn,
        DataProtectionPolicy=json.dumps(POLICY),
    )

    assert message == (
        "Invalid parameter: DataProtectionPolicy Reason: "
        "Data protection policies are not supported for FIFO topics"
    )


def test_the_policy_of_an_unknown_topic_is_refused(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    unknown = f"{topic_arn}-unknown"

    assert refusal(sns_client.get_data_protection_policy, ResourceArn=unknown) == (
        "NotFound",
        "Topic does not exist",
        404,
    )
