"""Tags on queues."""

import pytest

from tests.apis.sqs.conftest import Sqs


async def test_tags_are_added_changed_and_removed(sqs: Sqs) -> None:
    made = await sqs.call("CreateQueue", QueueName="orders", tags={"team": "blue", "Team": "x"})
    url = made["QueueUrl"]
    await sqs.call("TagQueue", QueueUrl=url, Tags={"team": "green", "empty": "", "größe": "5 + 1 = 6"})
    await sqs.call("UntagQueue", QueueUrl=url, TagKeys=["Team", "never there"])

    tags = {"team": "green", "empty": "", "größe": "5 + 1 = 6"}
    assert await sqs.call("ListQueueTags", QueueUrl=url) == {"Tags": tags}


async def test_a_queue_without_tags_lists_none(sqs: Sqs) -> None:
    assert await sqs.call("ListQueueTags", QueueUrl=await sqs.queue()) == {}


async def test_a_queue_has_at_most_fifty_tags(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    fifty = {f"key{number}": "value" for number in range(50)}
    await sqs.call("TagQueue", QueueUrl=url, Tags=fifty)
    await sqs.call("TagQueue", QueueUrl=url, Tags={"key0": "another"})

    refusal = (400, "InvalidParameterValue", "Too many tags added for queue orders.")
    assert await sqs.refusal("TagQueue", QueueUrl=url, Tags={"one more": "x"}) == refusal
    assert len((await sqs.call("ListQueueTags", QueueUrl=url))["Tags"]) == 50


CHARACTERS = (
    "Tag keys and values can only include letters, digits, white space and . : / = + - @ _ characters."
)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("", "x", "Tag keys must be between 1 and 128 characters in length."),
        ("k" * 129, "x", "Tag keys must be between 1 and 128 characters in length."),
        ("key", "v" * 257, "Tag values must be between 0 and 256 characters in length."),
        ("aws:team", "x", "Tag keys that start with aws: are reserved for system use."),
        ("AWS:team", "x", "Tag keys that start with aws: are reserved for system use."),
        ("key", "50%", CHARACTERS),
        ("key#", "x", CHARACTERS),
    ],
)
async def test_a_tag_is_one_that_aws_takes(sqs: Sqs, key: str, value: str, message: str) -> None:
    refusal = (400, "InvalidParameterValue", message)
    url = await sqs.queue("orders")

    assert await sqs.refusal("TagQueue", QueueUrl=url, Tags={key: value}) == refusal
    assert await sqs.refusal("CreateQueue", QueueName="new", tags={key: value}) == refusal


async def test_tagging_without_tags_is_refused(sqs: Sqs) -> None:
    url = await sqs.queue("orders")

    missing = (400, "MissingParameter", "The request must contain the parameter Tags.")
    assert await sqs.refusal("TagQueue", QueueUrl=url, Tags={}) == missing
    missing = (400, "MissingParameter", "The request must contain the parameter TagKeys.")
    assert await sqs.refusal("UntagQueue", QueueUrl=url, TagKeys=[]) == missing
