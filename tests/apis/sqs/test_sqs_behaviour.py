"""What AWS was seen to do where all goes well, in both protocols. docs/BEHAVIOUR.md names these tests."""

import json
from typing import Any

import pytest

from tests.apis.sqs.conftest import MakeSqs, Refused, Sqs

LATER = 60


async def handles(sqs: Sqs, url: str, **params: Any) -> list[str]:
    return [message["ReceiptHandle"] for message in await sqs.receive(url, **params)]


async def bodies(sqs: Sqs, url: str, **params: Any) -> list[str]:
    return [message["Body"] for message in await sqs.receive(url, **params)]


async def change(sqs: Sqs, url: str, handle: str, seconds: int) -> None:
    await sqs.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=seconds)


async def change_in_batch(sqs: Sqs, url: str, handle: str, seconds: int) -> Any:
    entry = {"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": seconds}
    return await sqs.call("ChangeMessageVisibilityBatch", QueueUrl=url, Entries=[entry])


async def send_fifo(sqs: Sqs, url: str, *bodies: str, group: str = "g") -> None:
    for body in bodies:
        await sqs.send(url, body, MessageGroupId=group, MessageDeduplicationId=f"{group}{body}")


# Receipt handles and visibility


@pytest.mark.parametrize("seconds", [0, LATER])
async def test_changing_the_visibility_of_a_message_whose_timeout_is_over_changes_nothing(
    sqs: Sqs, seconds: int
) -> None:
    url = await sqs.queue(VisibilityTimeout="5")
    await sqs.send(url)
    (handle,) = await handles(sqs, url)
    sqs.engine.advance(5)
    await change(sqs, url, handle, seconds)

    assert await change_in_batch(sqs, url, handle, seconds) == {"Successful": [{"Id": "a"}]}
    assert await bodies(sqs, url) == ["x"]


async def test_changing_the_visibility_of_a_message_that_was_made_visible_changes_nothing(sqs: Sqs) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    (handle,) = await handles(sqs, url)
    await change(sqs, url, handle, 0)
    await change(sqs, url, handle, LATER)

    assert await bodies(sqs, url) == ["x"]


@pytest.mark.parametrize("way", [change, change_in_batch])
async def test_an_older_handle_changes_the_visibility_of_a_later_receive(sqs: Sqs, way: Any) -> None:
    url = await sqs.queue(VisibilityTimeout="5")
    await sqs.send(url)
    (older,) = await handles(sqs, url)
    sqs.engine.advance(5)
    await handles(sqs, url)
    await way(sqs, url, older, LATER)
    sqs.engine.advance(LATER - 1)
    assert await bodies(sqs, url) == []
    sqs.engine.advance(1)

    assert await bodies(sqs, url) == ["x"]


@pytest.mark.parametrize("batch", [False, True])
async def test_an_older_handle_deletes(sqs: Sqs, batch: bool) -> None:
    url = await sqs.queue(VisibilityTimeout="5")
    await sqs.send(url)
    (older,) = await handles(sqs, url)
    sqs.engine.advance(5)
    await handles(sqs, url)
    if batch:
        deletion = {"Id": "a", "ReceiptHandle": older}
        answer = await sqs.call("DeleteMessageBatch", QueueUrl=url, Entries=[deletion])
        assert answer == {"Successful": [{"Id": "a"}]}
    else:
        await sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=older)
    sqs.engine.advance(5)

    assert await bodies(sqs, url) == []


def expired(handle: str) -> str:
    return f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."


@pytest.mark.parametrize("received_since", [False, True])
async def test_an_expired_handle_of_a_fifo_queue_neither_deletes_nor_changes(
    sqs: Sqs, received_since: bool
) -> None:
    url = await sqs.queue("q.fifo", VisibilityTimeout="5")
    await send_fifo(sqs, url, "x")
    (handle,) = await handles(sqs, url)
    sqs.engine.advance(5)
    if received_since:
        await handles(sqs, url)
    refusal = Refused(400, "InvalidParameterValue", expired(handle))
    named = {"QueueUrl": url, "ReceiptHandle": handle}
    entry = {"Id": "a", "ReceiptHandle": handle}
    failed = {
        "Failed": [
            {"Id": "a", "SenderFault": True, "Code": "InvalidParameterValue", "Message": expired(handle)}
        ]
    }

    assert await sqs.refusal("DeleteMessage", **named) == refusal
    assert await sqs.refusal("ChangeMessageVisibility", **named, VisibilityTimeout=LATER) == refusal
    assert await sqs.call("DeleteMessageBatch", QueueUrl=url, Entries=[entry]) == failed
    assert await change_in_batch(sqs, url, handle, LATER) == failed


@pytest.mark.parametrize("name", ["q", "q.fifo"])
async def test_the_visibility_of_a_deleted_message_fails_in_the_words_of_the_operation(
    sqs: Sqs, name: str
) -> None:
    url = await sqs.queue(name)
    if name == "q":
        await sqs.send(url)
    else:
        await send_fifo(sqs, url, "x")
    (handle,) = await handles(sqs, url)
    await sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)

    assert await change_in_batch(sqs, url, handle, LATER) == {
        "Failed": [
            {
                "Id": "a",
                "SenderFault": True,
                "Code": "ReceiptHandleIsInvalid",
                "Message": "Message does not exist or is not available for visibility timeout change",
            }
        ]
    }
    single = {"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": LATER}
    assert await sqs.refusal("ChangeMessageVisibility", **single) == (
        400,
        "InvalidParameterValue",
        (
            f"Value {handle} for parameter ReceiptHandle is invalid. Reason: "
            "Message does not exist or is not available for visibility timeout change."
        ),
    )


@pytest.mark.parametrize("by", ["timeout", "change"])
async def test_a_message_that_comes_back_stands_before_those_sent_after_it(sqs: Sqs, by: str) -> None:
    url = await sqs.queue(VisibilityTimeout="5")
    await sqs.send(url, "one")
    await sqs.send(url, "two")
    (handle,) = await handles(sqs, url, MaxNumberOfMessages=1)
    if by == "change":
        await change(sqs, url, handle, 0)
    else:
        sqs.engine.advance(5)
    await sqs.send(url, "three")

    assert await bodies(sqs, url) == ["one", "two", "three"]


# FIFO groups


@pytest.fixture
async def three_in_flight(sqs: Sqs) -> tuple[str, list[str]]:
    """A queue with 1, 2 and 3 of a group in flight, 4 behind them, and the receipt handles of the three."""
    url = await sqs.queue("q.fifo", VisibilityTimeout="30")
    await send_fifo(sqs, url, "1", "2", "3", "4")
    return url, await handles(sqs, url, MaxNumberOfMessages=3)


async def test_a_group_gives_its_ready_messages_up_to_the_first_in_flight(
    sqs: Sqs, three_in_flight: tuple[str, list[str]]
) -> None:
    url, (first, _, _) = three_in_flight
    await change(sqs, url, first, 0)

    assert await bodies(sqs, url) == ["1"]


@pytest.mark.parametrize(("then", "given"), [("back", ["1", "2"]), ("deleted", ["2"])])
async def test_a_returned_message_waits_until_the_one_before_it_is_back_or_deleted(
    sqs: Sqs, three_in_flight: tuple[str, list[str]], then: str, given: list[str]
) -> None:
    url, (first, second, _) = three_in_flight
    await change_in_batch(sqs, url, second, 0)
    assert await bodies(sqs, url) == []
    if then == "back":
        await change(sqs, url, first, 0)
    else:
        await sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=first)

    assert await bodies(sqs, url) == given


async def test_a_message_whose_timeout_ends_is_given_while_others_of_its_group_were_extended(
    sqs: Sqs, three_in_flight: tuple[str, list[str]]
) -> None:
    url, (_, second, third) = three_in_flight
    for handle in (second, third):
        await change(sqs, url, handle, 100)
    sqs.engine.advance(30)

    assert await bodies(sqs, url) == ["1"]


async def test_groups_take_turns(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    for group, body in [("g1", "m1"), ("g2", "m1"), ("g2", "m2"), ("g3", "m1"), ("g1", "m2")]:
        await send_fifo(sqs, url, f"{group}-{body}", group=group)

    assert await bodies(sqs, url, MaxNumberOfMessages=3, VisibilityTimeout=0) == ["g1-m1", "g1-m2", "g2-m1"]
    assert await bodies(sqs, url) == ["g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2"]


async def test_a_receive_takes_as_many_as_it_can_of_one_group(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    for group, body in [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("a", "3")]:
        await send_fifo(sqs, url, group + body, group=group)

    assert await bodies(sqs, url, MaxNumberOfMessages=4) == ["a1", "a2", "a3", "b1"]


async def send_id(sqs: Sqs, url: str, group: str, unique_id: str) -> str:
    sent = await sqs.send(url, "x", MessageGroupId=group, MessageDeduplicationId=unique_id)
    return str(sent["MessageId"])


async def test_high_throughput_leaves_the_scope_of_deduplication_for_the_first_minutes(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    known = await send_id(sqs, url, "a", "known")
    high = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes=high)

    assert await sqs.attributes(url, *high) == high
    assert await send_id(sqs, url, "b", "known") == known
    new = await send_id(sqs, url, "a", "new")
    assert await send_id(sqs, url, "b", "new") == new
    sqs.engine.advance(300)
    mine = await send_id(sqs, url, "a", "mine")
    assert await send_id(sqs, url, "b", "mine") != mine


async def test_purging_forgets_the_deduplication_ids(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    await send_id(sqs, url, "a", "one")
    await sqs.call("PurgeQueue", QueueUrl=url)
    await send_id(sqs, url, "a", "one")

    assert await bodies(sqs, url) == ["x"]


# Messages and attributes


@pytest.mark.parametrize("names", [["*"], ["other", "*"], ["All"], [".*"]])
async def test_a_star_means_all_message_attributes(sqs: Sqs, names: list[str]) -> None:
    url = await sqs.queue()
    value = {"DataType": "String", "StringValue": "v"}
    await sqs.send(url, MessageAttributes={"one": value, "two": value})
    (message,) = await sqs.receive(url, MessageAttributeNames=names)

    assert message["MessageAttributes"] == {"one": value, "two": value}


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", ["attr.1øßä", "注文", "цена_1", "٣"])
async def test_an_attribute_name_may_have_letters_and_digits_of_any_script(
    sqs: Sqs, name: str, batch: bool
) -> None:
    url = await sqs.queue()
    attributes = {name: {"DataType": "String", "StringValue": "v"}}
    if batch:
        entry = {"Id": "a", "MessageBody": "x", "MessageAttributes": attributes}
        await sqs.call("SendMessageBatch", QueueUrl=url, Entries=[entry])
    else:
        await sqs.send(url, MessageAttributes=attributes)
    (message,) = await sqs.receive(url, MessageAttributeNames=[name])

    assert message["MessageAttributes"] == attributes


@pytest.mark.parametrize("name", ["a!", "§", "a b", "a/b"])
async def test_an_attribute_name_has_no_other_signs(sqs: Sqs, name: str) -> None:
    url = await sqs.queue()
    attributes = {name: {"DataType": "String", "StringValue": "v"}}
    refusal = await sqs.refusal("SendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes)

    assert refusal.code == "InvalidParameterValue"
    assert refusal.message.startswith(f"The message attribute name '{name}' is invalid.")


TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
OWN = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-own"}}


async def trace_headers(sqs: Sqs, url: str) -> list[str]:
    return [
        message["Attributes"]["AWSTraceHeader"]
        for message in await sqs.receive(url, AttributeNames=["AWSTraceHeader"])
    ]


async def test_the_trace_header_of_a_request_is_that_of_its_message(client: MakeSqs) -> None:
    sqs = client(trace=TRACE)
    url = await sqs.queue()
    sent = await sqs.send(url)

    assert sent.keys() == {"MessageId", "MD5OfMessageBody"}
    assert await trace_headers(sqs, url) == [TRACE]


async def test_a_message_with_a_trace_header_of_its_own_keeps_it(client: MakeSqs) -> None:
    sqs = client(trace=TRACE)
    url = await sqs.queue()
    sent = await sqs.send(url, MessageSystemAttributes=OWN)

    assert "MD5OfMessageSystemAttributes" in sent
    assert await trace_headers(sqs, url) == ["Root=1-own"]


async def test_the_trace_header_of_a_batch_is_that_of_each_entry_without_its_own(client: MakeSqs) -> None:
    sqs = client(trace=TRACE)
    url = await sqs.queue()
    entries = [
        {"Id": "a", "MessageBody": "x"},
        {"Id": "b", "MessageBody": "y", "MessageSystemAttributes": OWN},
    ]
    await sqs.call("SendMessageBatch", QueueUrl=url, Entries=entries)

    assert await trace_headers(sqs, url) == [TRACE, "Root=1-own"]


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb", "a\tb", "\r\n\t", " a "])
async def test_text_with_line_ends_and_tabs_comes_back_as_sent(sqs: Sqs, text: str) -> None:
    url = await sqs.queue()
    attributes = {"k": {"DataType": "String", "StringValue": text}}
    await sqs.send(url, text, MessageAttributes=attributes)
    (message,) = await sqs.receive(url, MessageAttributeNames=["All"])

    assert (message["Body"], message["MessageAttributes"]) == (text, attributes)


async def test_a_policy_with_line_ends_comes_back_as_set(sqs: Sqs) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []}, indent=1).replace("\n", "\r\n")
    url = await sqs.queue(Policy=policy)

    assert await sqs.attributes(url, "Policy") == {"Policy": policy}
