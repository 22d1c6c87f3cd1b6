"""Tags on topics over the wire."""

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]


def tags_of(sns_client: Any, arn: str) -> dict[str, str]:
    tags = sns_client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def test_tags_are_added_changed_and_taken_away(sns_client: Any) -> None:
    arn = sns_client.create_topic(Name="news", Tags=[{"Key": "a", "Value": "1"}])["TopicArn"]

    sns_client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    sns_client.tag_resource(ResourceArn=arn, Tags=[{"Key": "c", "Value": "3"}])
    sns_client.untag_resource(ResourceArn=arn, TagKeys=["c", "unknown"])

    assert tags_of(sns_client, arn) == {"a": "2", "b": ""}


def test_a_key_given_twice_is_refused(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]

    assert refusal(sns_client.tag_resource, ResourceArn=topic_arn, Tags=twice) == (
        "InvalidParameter",
        "Invalid parameter: Duplicated keys are not allowed.",
        400,
    )


def test_a_topic_has_at_most_50_tags(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    fifty = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    sns_client.tag_resource(ResourceArn=topic_arn, Tags=fifty)

    refused = refusal(sns_client.tag_resource, ResourceArn=topic_arn, Tags=[{"Key": "x", "Value": "v"}])
    assert refused == (
        "TagLimitExceeded",
        "Could not complete request: tag quota of per resource exceeded",
        400,
    )


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("list_tags_for_resource", {}),
        ("tag_resource", {"Tags": [{"Key": "a", "Value": "1"}]}),
        ("untag_resource", {"TagKeys": ["a"]}),
    ],
)
def test_tags_of_an_unknown_topic_are_not_found(
    sns_client: Any, account: Any, refusal: Refusal, operation: str, params: dict[str, Any]
) -> None:
    arn = f"arn:aws:sns:us-east-1:{account.id}:unknown"

    refused = refusal(getattr(sns_client, operation), ResourceArn=arn, **params)
    assert refused == ("ResourceNotFound", "Resource does not exist", 404)
