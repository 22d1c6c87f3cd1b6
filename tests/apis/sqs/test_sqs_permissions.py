"""Permissions: the policy document that AWS writes."""

import json
from typing import Any

import pytest

from tests.apis.sqs.conftest import MakeSqs, Sqs

ARN = "arn:aws:sqs:us-east-1:000000000000:orders"
LABEL = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length."
OWNER = "Only the queue owner is allowed to invoke this action."
WSDL = "Please refer to the appropriate WSDL for a list of valid actions."


def permission(url: str, label: str = "friends", **changes: Any) -> dict[str, Any]:
    permission = {
        "QueueUrl": url,
        "Label": label,
        "AWSAccountIds": ["111111111111"],
        "Actions": ["SendMessage"],
    }
    return permission | changes


async def policy(sqs: Sqs, url: str) -> Any:
    return json.loads((await sqs.attributes(url, "Policy"))["Policy"])


async def test_a_permission_is_a_statement_of_the_policy(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    await sqs.call("AddPermission", **permission(url))

    assert await policy(sqs, url) == {
        "Version": "2008-10-17",
        "Id": f"{ARN}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "friends",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "SQS:SendMessage",
                "Resource": ARN,
            }
        ],
    }


async def test_several_accounts_and_actions_are_lists(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    accounts = ["111111111111", "222222222222"]
    await sqs.call("AddPermission", **permission(url, AWSAccountIds=accounts, Actions=["SendMessage", "*"]))

    (statement,) = (await policy(sqs, url))["Statement"]
    assert statement["Principal"] == {
        "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
    }
    assert statement["Action"] == ["SQS:SendMessage", "SQS:*"]


async def test_a_permission_joins_the_statements_of_a_policy_that_was_set(sqs: Sqs) -> None:
    own = {"Version": "2012-10-17", "Statement": {"Sid": "own", "Effect": "Deny"}}
    url = await sqs.queue("orders", Policy=json.dumps(own))
    await sqs.call("AddPermission", **permission(url))

    document = await policy(sqs, url)
    assert document["Version"] == "2012-10-17"
    assert [statement["Sid"] for statement in document["Statement"]] == ["own", "friends"]


async def test_removing_the_last_permission_removes_the_policy(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    for label in ("friends", "family"):
        await sqs.call("AddPermission", **permission(url, label))
    await sqs.call("RemovePermission", QueueUrl=url, Label="friends")

    assert [statement["Sid"] for statement in (await policy(sqs, url))["Statement"]] == ["family"]
    await sqs.call("RemovePermission", QueueUrl=url, Label="family")
    assert await sqs.attributes(url, "Policy") == {}


async def test_a_label_is_taken_once(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    await sqs.call("AddPermission", **permission(url, "crossaccountpermission"))

    again = permission(url, "crossaccountpermission", AWSAccountIds=["222222222222"])
    assert await sqs.refusal("AddPermission", **again) == (
        400,
        "InvalidParameterValue",
        "Value crossaccountpermission for parameter Label is invalid. Reason: Already exists.",
    )


async def test_a_label_that_is_not_there_cannot_be_removed(sqs: Sqs) -> None:
    url = await sqs.queue("orders")

    assert await sqs.refusal("RemovePermission", QueueUrl=url, Label="crossaccountpermission2") == (
        400,
        "InvalidParameterValue",
        "Value crossaccountpermission2 for parameter Label is invalid. Reason: can't find label.",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Label": "a b"}, f"Value a b for parameter Label is invalid. Reason: {LABEL}"),
        ({"Label": "a" * 81}, f"Value {'a' * 81} for parameter Label is invalid. Reason: {LABEL}"),
        (
            {"AWSAccountIds": ["alice"]},
            "Value [alice] for parameter PrincipalId is invalid. Reason: Unable to verify.",
        ),
        ({"Actions": ["Send"]}, f"Value SQS:Send for parameter ActionName is invalid. Reason: {WSDL}"),
        (
            {"Actions": ["DeleteQueue"]},
            f"Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: {OWNER}",
        ),
    ],
)
async def test_a_permission_is_one_that_aws_takes(sqs: Sqs, changes: dict[str, Any], message: str) -> None:
    refusal = await sqs.refusal("AddPermission", **permission(await sqs.queue("orders"), **changes))

    assert refusal == (400, "InvalidParameterValue", message)


@pytest.mark.parametrize("name", ["AWSAccountIds", "Actions"])
async def test_a_permission_names_somebody_and_something(sqs: Sqs, name: str) -> None:
    refusal = await sqs.refusal("AddPermission", **permission(await sqs.queue("orders")) | {name: []})

    assert refusal == (400, "MissingParameter", f"The request must contain the parameter {name}.")


async def test_a_statement_has_at_most_seven_actions(sqs: Sqs) -> None:
    eight = permission(await sqs.queue("orders"), Actions=["SendMessage"] * 8)

    assert await sqs.refusal("AddPermission", **eight) == (
        403,
        "OverLimit",
        "8 Actions were found, maximum allowed is 7.",
    )


async def test_a_policy_has_at_most_twenty_statements(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    for number in range(20):
        await sqs.call("AddPermission", **permission(url, f"label{number}"))

    refusal = await sqs.refusal("AddPermission", **permission(url, "one-more"))
    assert (refusal.status, refusal.code) == (403, "OverLimit")


async def test_an_arn_lies_in_the_partition_of_its_region(client: MakeSqs) -> None:
    sqs = client(region="cn-north-1")
    url = await sqs.queue("orders")
    await sqs.call("AddPermission", **permission(url))

    (statement,) = (await policy(sqs, url))["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws-cn:iam::111111111111:root"}
