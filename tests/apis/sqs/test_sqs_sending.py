"""Sending: what a message may be, what its sender is told, and what a receiver sees of it."""

from typing import Any

import pytest

from tests.apis.sqs.conftest import MakeSqs, Refused, Sqs

ALLOWED = (
    "the set of allowed characters is "
    "#x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"
)
NAME = "Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters."
ONLY_STRING = "You must use only the following supported type prefixes: String."
PREFIXES = "You must use only the following supported type prefixes: Binary, Number, String."
ID_RULE = "can only include alphanumeric and punctuation characters. 1 to 128 in length."
WRONG_TYPE = "The request include parameter that is not valid for this queue type."

Attributes = dict[str, dict[str, Any]]


def text(value: str, data_type: str = "String") -> dict[str, Any]:
    return {"DataType": data_type, "StringValue": value}


def invalid(message: str) -> Refused:
    return Refused(400, "InvalidParameterValue", message)


async def test_a_sender_is_told_the_id_and_the_digest(sqs: Sqs) -> None:
    url = await sqs.queue()
    sent = await sqs.send(url, "hello world")
    (received,) = await sqs.receive(url)

    assert sent == {
        "MessageId": received["MessageId"],
        "MD5OfMessageBody": "5eb63bbbe01eeed093cb22bb8f5acdc3",
    }
    assert received.keys() == {"MessageId", "ReceiptHandle", "MD5OfBody", "Body"}
    assert received["MD5OfBody"] == "5eb63bbbe01eeed093cb22bb8f5acdc3"
    assert received["Body"] == "hello world"


@pytest.mark.parametrize("body", ["ä€😀", "<&>\"'", "tab\tline\nreturn\r", " ", "\ue000\ufffd\U0010ffff"])
async def test_a_body_arrives_as_it_was_sent(sqs: Sqs, body: str) -> None:
    url = await sqs.queue()
    await sqs.send(url, body)

    assert [message["Body"] for message in await sqs.receive(url)] == [body]


async def test_an_empty_body_is_a_missing_one(sqs: Sqs) -> None:
    url = await sqs.queue()
    missing = Refused(400, "MissingParameter", "The request must contain the parameter MessageBody.")

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="") == missing
    assert await sqs.refusal("SendMessage", QueueUrl=url) == missing


@pytest.mark.parametrize(
    ("character", "name"), [("\x1f", "#x1F"), ("\x00", "#x0"), ("\ufffe", "#xFFFE"), ("\uffff", "#xFFFF")]
)
async def test_a_character_outside_the_allowed_set_is_refused(sqs: Sqs, character: str, name: str) -> None:
    url = await sqs.queue()

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody=f"a{character}") == (
        400,
        "InvalidMessageContents",
        f"Invalid binary character '{name}' was found in the message body, {ALLOWED}",
    )


async def test_a_message_has_at_most_a_mebibyte_attributes_included(sqs: Sqs) -> None:
    url = await sqs.queue()
    attributes = {"name": text("value")}
    room = 1_048_576 - len("nameStringvalue")
    await sqs.send(url, "x" * room, MessageAttributes=attributes)

    refusal = invalid(
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    )
    body = "x" * (room + 1)
    assert (
        await sqs.refusal("SendMessage", QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        == refusal
    )
    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x" * 1_048_577) == refusal


async def test_the_size_is_counted_in_bytes(sqs: Sqs) -> None:
    url = await sqs.queue(MaximumMessageSize="1024")
    await sqs.send(url, "ä" * 512)

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="ä" * 513) == invalid(
        "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    )


async def test_a_trace_header_does_not_count(sqs: Sqs) -> None:
    url = await sqs.queue(MaximumMessageSize="1024")

    await sqs.send(url, "x" * 1024, MessageSystemAttributes={"AWSTraceHeader": text("Root=1")})


async def test_attributes_of_every_type_arrive_as_they_were_sent(sqs: Sqs) -> None:
    url = await sqs.queue()
    attributes: Attributes = {
        "text": text("täxt"),
        "number": text("+01.50e2", "Number"),
        "labelled": text("7", "Number.int"),
        "custom": text("x", "String.any label"),
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "picture": {"DataType": "Binary.png", "BinaryValue": b"png"},
    }
    sent = await sqs.send(url, MessageAttributes=attributes)
    (received,) = await sqs.receive(url, MessageAttributeNames=["All"])

    assert received["MessageAttributes"] == attributes
    assert received["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]


async def test_the_digest_of_attributes_is_awss(sqs: Sqs) -> None:
    attributes = {"timestamp": text("1493147359900", "Number")}
    sent = await sqs.send(await sqs.queue(), MessageAttributes=attributes)

    assert sent["MD5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"ErrorDetails": text("")},
            "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
        ),
        (
            {"a": {"DataType": "Binary", "StringValue": "x"}},
            "Message (user) attribute 'a' must contain a non-empty value of type 'Binary'.",
        ),
        (
            {"a": {"DataType": "Number.int"}},
            "Message (user) attribute 'a' must contain a non-empty value of type 'Number'.",
        ),
        (
            {"a": text("x", "")},
            "The message (user) attribute 'a' must contain a non-empty message attribute type.",
        ),
        ({"a": text("x", "Text")}, f"The type of message (user) attribute 'a' is invalid. {PREFIXES}"),
        ({"a": text("x", "Stringy")}, f"The type of message (user) attribute 'a' is invalid. {PREFIXES}"),
        (
            {"a": text("x", "String." + "l" * 250)},
            f"The type of message (user) attribute 'a' is invalid. {PREFIXES}",
        ),
        ({"a b": text("x")}, f"The message attribute name 'a b' is invalid. {NAME}"),
        ({".a": text("x")}, f"The message attribute name '.a' is invalid. {NAME}"),
        ({"a.": text("x")}, f"The message attribute name 'a.' is invalid. {NAME}"),
        ({"a..b": text("x")}, f"The message attribute name 'a..b' is invalid. {NAME}"),
        ({"AWS.a": text("x")}, f"The message attribute name 'AWS.a' is invalid. {NAME}"),
        ({"amazon.a": text("x")}, f"The message attribute name 'amazon.a' is invalid. {NAME}"),
        ({"n" * 257: text("x")}, f"The message attribute name '{'n' * 257}' is invalid. {NAME}"),
        (
            {f"a{number}": text("x") for number in range(11)},
            "Number of message attributes [11] exceeds the allowed maximum [10].",
        ),
        (
            {"a": text("\x1f")},
            f"Invalid binary character '#x1F' was found in the message attribute 'a' value, {ALLOWED}",
        ),
    ],
)
async def test_an_attribute_is_one_that_aws_takes(sqs: Sqs, attributes: Attributes, message: str) -> None:
    url = await sqs.queue()

    assert await sqs.refusal(
        "SendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes
    ) == invalid(message)


@pytest.mark.parametrize(
    "number", ["0", "-1", "+.5", "1.", "1E5", "1e-128", "9" * 38, "0" * 60 + "1", "123.450000", "1e126"]
)
async def test_a_number_is_kept_as_it_was_sent(sqs: Sqs, number: str) -> None:
    url = await sqs.queue()
    await sqs.send(url, MessageAttributes={"a": text(number, "Number")})

    (received,) = await sqs.receive(url, MessageAttributeNames=["a"])
    assert received["MessageAttributes"]["a"]["StringValue"] == number


@pytest.mark.parametrize(
    "number", ["one", "1_000", "NaN", "Infinity", " 1", "1 ", "0x1", ".", "1e127", "1e-129", "9" * 39, "٣"]
)
async def test_what_is_no_number_of_awss_is_refused(sqs: Sqs, number: str) -> None:
    url = await sqs.queue()
    attributes = {"a": text(number, "Number")}

    assert await sqs.refusal(
        "SendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes
    ) == invalid("Can't cast the value of message (user) attribute 'a' to a number.")


async def test_attribute_lists_are_not_supported(sqs: Sqs) -> None:
    url = await sqs.queue()
    attributes = {"a": {"DataType": "String", "StringListValues": ["x"]}}

    refusal = await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    assert refusal == (
        400,
        "AWS.SimpleQueueService.UnsupportedOperation",
        "Message attribute list values in SendMessage operation are not supported.",
    )


async def test_a_trace_header_is_digested_and_received(sqs: Sqs) -> None:
    url = await sqs.queue()
    header = "Root=1-5759e988-bd862e3fe1be46a994272793"
    sent = await sqs.send(url, MessageSystemAttributes={"AWSTraceHeader": text(header)})
    (received,) = await sqs.receive(url, MessageSystemAttributeNames=["AWSTraceHeader"])

    assert sent["MD5OfMessageSystemAttributes"] == "62a56dd927315f2b2e12832b84617ea5"
    assert received["Attributes"] == {"AWSTraceHeader": header}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"Trace": text("x")},
            "Message system attribute name 'Trace' is invalid. The only supported one is AWSTraceHeader.",
        ),
        (
            {"AWSTraceHeader": text("1", "Number")},
            f"The type of message (system) attribute 'AWSTraceHeader' is invalid. {ONLY_STRING}",
        ),
        (
            {"AWSTraceHeader": text("")},
            "Message (system) attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.",
        ),
    ],
)
async def test_a_trace_header_is_the_only_system_attribute(
    sqs: Sqs, attributes: Attributes, message: str
) -> None:
    url = await sqs.queue()

    assert await sqs.refusal(
        "SendMessage", QueueUrl=url, MessageBody="x", MessageSystemAttributes=attributes
    ) == invalid(message)


@pytest.mark.parametrize("delay", [-1, 901])
async def test_a_delay_is_at_most_fifteen_minutes(sqs: Sqs, delay: int) -> None:
    url = await sqs.queue()
    await sqs.send(url, DelaySeconds=900)

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", DelaySeconds=delay) == invalid(
        f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
    )


async def test_a_message_of_a_fifo_queue_has_no_delay_of_its_own(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    message = {"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "1"}

    assert await sqs.refusal("SendMessage", QueueUrl=url, DelaySeconds=2, **message) == invalid(
        f"Value 2 for parameter DelaySeconds is invalid. Reason: {WRONG_TYPE}"
    )


@pytest.mark.parametrize("token", ["", "a" * 129, "group 123", "ü"])
async def test_a_group_id_is_of_alphanumeric_and_punctuation_characters(sqs: Sqs, token: str) -> None:
    refusal = invalid(
        f"Value {token} for parameter MessageGroupId is invalid. Reason: MessageGroupId {ID_RULE}"
    )

    for name in ("q", "q.fifo"):
        url = await sqs.queue(name)
        assert (
            await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId=token) == refusal
        )


@pytest.mark.parametrize("token", ["", "a" * 129, "group 123", "ü"])
async def test_a_deduplication_id_is_of_alphanumeric_and_punctuation_characters(sqs: Sqs, token: str) -> None:
    message = {"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": token}

    assert await sqs.refusal("SendMessage", QueueUrl=await sqs.queue("q.fifo"), **message) == invalid(
        f"Value {token} for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId {ID_RULE}"
    )


async def test_every_punctuation_character_is_allowed_in_an_id(sqs: Sqs) -> None:
    punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

    await sqs.send(await sqs.queue("q.fifo"), MessageGroupId=punctuation, MessageDeduplicationId=punctuation)


async def test_a_standard_queue_takes_no_deduplication_id(sqs: Sqs) -> None:
    message = {"MessageBody": "x", "MessageDeduplicationId": "1"}

    assert await sqs.refusal("SendMessage", QueueUrl=await sqs.queue(), **message) == invalid(
        f"Value 1 for parameter MessageDeduplicationId is invalid. Reason: {WRONG_TYPE}"
    )


async def test_a_fifo_queue_needs_a_group(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", MessageDeduplicationId="1") == (
        400,
        "MissingParameter",
        "The request must contain the parameter MessageGroupId.",
    )


async def test_a_fifo_queue_needs_a_deduplication_id_or_the_content_as_one(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")

    assert await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="g") == invalid(
        "The queue should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly"
    )
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"ContentBasedDeduplication": "true"})
    await sqs.send(url, MessageGroupId="g")


async def test_a_duplicate_is_answered_as_the_first_was_and_not_delivered(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    first = await sqs.send(url, MessageGroupId="g", MessageDeduplicationId="1")

    assert await sqs.send(url, MessageGroupId="g", MessageDeduplicationId="1") == first
    assert len(first["SequenceNumber"]) == 20
    assert len(await sqs.receive(url)) == 1


async def test_deduplication_by_group_takes_an_id_once_in_each_group(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo", DeduplicationScope="messageGroup")
    for group in ("a", "b", "a"):
        await sqs.send(url, group, MessageGroupId=group, MessageDeduplicationId="1")

    assert [message["Body"] for message in await sqs.receive(url)] == ["a", "b"]


async def test_a_message_has_system_attributes(sqs: Sqs, client: MakeSqs) -> None:
    url = await sqs.queue("q.fifo")
    friend = client(account="111111111111")
    sent = await friend.send(url, MessageGroupId="g", MessageDeduplicationId="1")
    sqs.engine.advance(1.5)
    (received,) = await sqs.receive(url, MessageSystemAttributeNames=["All"])

    assert received["Attributes"] == {
        "SenderId": "111111111111",
        "SentTimestamp": "1700000000000",
        "ApproximateFirstReceiveTimestamp": "1700000001500",
        "ApproximateReceiveCount": "1",
        "SequenceNumber": sent["SequenceNumber"],
        "MessageDeduplicationId": "1",
        "MessageGroupId": "g",
    }
