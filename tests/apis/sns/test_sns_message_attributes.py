"""The message attributes that SNS refuses, alone and in a batch, in its words."""

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]

TEXT = {"DataType": "String", "StringValue": "x"}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"attr1.": TEXT}, "Invalid message attribute name ending with character '.' was found."),
    ({".attr1": TEXT}, "Invalid message attribute name starting with character '.' was found."),
    (
        {"attr^1": TEXT},
        (
            "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. "
            "Can only include alphanumeric characters, hyphens, underscores, or dots."
        ),
    ),
    ({"a" * 257: TEXT}, "Length of message attribute name must be less than 256 bytes."),
    ({"attr..1": TEXT}, "Message attribute name can not have successive '.' character."),
    (
        {"attr1": {"DataType": "InvalidType", "StringValue": "x"}},
        (
            "The message attribute 'attr1' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String."
        ),
    ),
    (
        {"attr1": {"DataType": "Binary", "BinaryValue": b""}},
        (
            "The message attribute 'attr1' must contain non-empty message attribute value "
            "for message attribute type 'Binary'."
        ),
    ),
    (
        {"attr1": {"DataType": "String", "StringValue": ""}},
        (
            "The message attribute 'attr1' must contain non-empty message attribute value "
            "for message attribute type 'String'."
        ),
    ),
    (
        {"attr1": {"DataType": "String"}},
        (
            "The message attribute 'attr1' must contain non-empty message attribute value "
            "for message attribute type 'String'."
        ),
    ),
    (
        {"attr1": {"DataType": "Binary", "StringValue": "x"}},
        "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
    ),
    (
        {"attr1": {"DataType": "Number", "BinaryValue": b"x"}},
        "The message attribute 'attr1' with type 'Number' must use field 'String'.",
    ),
    (
        {"attr1": {"DataType": "String", "BinaryValue": b"x"}},
        "The message attribute 'attr1' with type 'String' must use field 'String'.",
    ),
    (
        {"attr1": {"DataType": "Number", "StringValue": "many"}},
        "Could not cast message attribute 'attr1' value to number.",
    ),
]


@pytest.mark.parametrize(("attributes", "words"), REFUSED)
def test_a_bad_attribute_refuses_the_publication(
    sns_client: Any, topic_arn: str, refusal: Refusal, attributes: dict[str, Any], words: str
) -> None:
    refused = refusal(sns_client.publish, TopicArn=topic_arn, Message="x", MessageAttributes=attributes)

    assert refused == ("ParameterValueInvalid", words, 400)


@pytest.mark.parametrize(("attributes", "words"), REFUSED)
def test_a_bad_attribute_refuses_the_whole_batch(
    sns_client: Any, topic_arn: str, refusal: Refusal, attributes: dict[str, Any], words: str
) -> None:
    entries = [
        {"Id": "1", "Message": "x", "MessageAttributes": attributes},
        {"Id": "2", "Message": "x"},
    ]

    refused = refusal(sns_client.publish_batch, TopicArn=topic_arn, PublishBatchRequestEntries=entries)

    assert refused == ("ParameterValueInvalid", words, 400)


def test_an_attribute_without_a_type_is_refused(sns_client: Any, topic_arn: str, refusal: Refusal) -> None:
    attributes = {"attr1": {"StringValue": "x"}}
    entries = [{"Id": "1", "Message": "x", "MessageAttributes": attributes}]
    words = "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null"

    alone = refusal(sns_client.publish, TopicArn=topic_arn, Message="x", MessageAttributes=attributes)
    batch = refusal(sns_client.publish_batch, TopicArn=topic_arn, PublishBatchRequestEntries=entries)

    assert alone == ("ValidationError", words.format("messageAttributes.attr1.member.dataType"), 400)
    path = "publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType"
    assert batch == ("ValidationError", words.format(path), 400)
