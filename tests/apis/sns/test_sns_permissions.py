"""AddPermission and RemovePermission over the wire."""

import json
from collections.abc import Callable
from typing import Any

Refusal = Callable[..., tuple[str, str, int]]


def statements_of(sns_client: Any, topic_arn: str) -> list[dict[str, Any]]:
    attributes = sns_client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    statements: list[dict[str, Any]] = json.loads(attributes["Policy"])["Statement"]
    return statements


def grant(sns_client: Any, topic_arn: str, label: str = "readers", *actions: str) -> None:
    sns_client.add_permission(
        TopicArn=topic_arn,
        Label=label,
        AWSAccountId=["111122223333"],
        ActionName=list(actions or ("Publish",)),
    )


def test_a_permission_is_a_statement_behind_the_default_one(sns_client: Any, topic_arn: str) -> None:
    grant(sns_client, topic_arn)

    first, second = statements_of(sns_client, topic_arn)
    assert first["Sid"] == "__default_statement_ID"
    assert second == {
        "Sid": "readers",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "SNS:Publish",
        "Resource": topic_arn,
    }


def test_several_accounts_and_actions_are_lists(sns_client: Any, topic_arn: str) -> None:
    sns_client.add_permission(
        TopicArn=topic_arn,
        Label="readers",
        AWSAccountId=["111122223333", "444455556666"],
        ActionName=["Subscribe", "Receive"],
    )

    statement = statements_of(sns_client, topic_arn)[1]
    assert (statement["Principal"]["AWS"], statement["Action"]) == (
        ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"],
        ["SNS:Subscribe", "SNS:Receive"],
    )


def test_a_permission_is_taken_away_by_its_label(sns_client: Any, topic_arn: str) -> None:
    grant(sns_client, topic_arn, "one")
    grant(sns_client, topic_arn, "two")

    sns_client.remove_permission(TopicArn=topic_arn, Label="one")

    assert [statement["Sid"] for statement in statements_of(sns_client, topic_arn)] == [
        "__default_statement_ID",
        "two",
    ]


def test_taking_away_what_is_not_there_changes_nothing(sns_client: Any, topic_arn: str) -> None:
    sns_client.remove_permission(TopicArn=topic_arn, Label="unknown")

    assert len(statements_of(sns_client, topic_arn)) == 1


def test_a_policy_whose_statement_is_no_list_takes_another(sns_client: Any, topic_arn: str) -> None:
    own = {"Sid": "own", "Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": topic_arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": own})
    sns_client.set_topic_attributes(TopicArn=topic_arn, AttributeName="Policy", AttributeValue=policy)

    grant(sns_client, topic_arn)

    assert [statement["Sid"] for statement in statements_of(sns_client, topic_arn)] == ["own", "readers"]


def test_a_label_that_is_taken_is_refused(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    grant(sns_client, topic_arn)

    assert refusal(
        sns_client.add_permission,
        TopicArn=topic_arn,
        Label="readers",
        AWSAccountId=["444455556666"],
        ActionName=["Publish"],
    ) == ("InvalidParameter", "Invalid parameter: Statement already exists", 400)


def test_an_action_that_a_policy_cannot_grant_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    assert refusal(
        sns_client.add_permission,
        TopicArn=topic_arn,
        Label="readers",
        AWSAccountId=["444455556666"],
        ActionName=["CreateTopic"],
    ) == ("InvalidParameter", "Invalid parameter: Policy statement action out of service scope!", 400)


def test_permissions_of_an_unknown_topic_are_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    unknown = {"TopicArn": f"{topic_arn}-unknown", "Label": "readers"}
    grant_of_unknown = {**unknown, "AWSAccountId": ["444455556666"], "ActionName": ["Publish"]}

    assert refusal(sns_client.add_permission, **grant_of_unknown) == ("NotFound", "Topic does not exist", 404)
    assert refusal(sns_client.remove_permission, **unknown) == ("NotFound", "Topic does not exist", 404)


def test_a_policy_of_anything_takes_a_permission(sns_client: Any, topic_arn: str) -> None:
    sns_client.set_topic_attributes(
        TopicArn=topic_arn, AttributeName="Policy", AttributeValue='{"Statement": ["own"]}'
    )

    grant(sns_client, topic_arn)

    policy = sns_client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]["Policy"]
    assert policy.startswith('{"Statement":["own",{"Sid":"readers"')
