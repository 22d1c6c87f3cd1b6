"""Queues on the wire: create, find, list, purge, delete."""

import pytest

from tests.apis.sqs.conftest import MakeSqs, Refused, Sqs

NO_QUEUE_JSON = "The specified queue does not exist."
NO_QUEUE_QUERY = "The specified queue does not exist for this wsdl version."
DIFFERING = "A queue already exists with the same name and a different value for attribute "
FIFO_NAME = (
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
    "must end with .fifo suffix and be 1 to 80 in length."
)


async def test_a_queue_is_made_and_found(sqs: Sqs) -> None:
    made = await sqs.call("CreateQueue", QueueName="orders")

    assert made == {"QueueUrl": "http://localhost:4566/000000000000/orders"}
    assert await sqs.call("GetQueueUrl", QueueName="orders") == made


async def test_a_queue_is_found_by_its_owner(sqs: Sqs, client: MakeSqs) -> None:
    await client(account="111111111111").queue("orders")

    found = await sqs.call("GetQueueUrl", QueueName="orders", QueueOwnerAWSAccountId="111111111111")
    assert found == {"QueueUrl": "http://localhost:4566/111111111111/orders"}


async def test_a_queue_that_does_not_exist_is_refused_in_the_words_of_the_protocol(sqs: Sqs) -> None:
    text = NO_QUEUE_JSON if sqs.protocol == "json" else NO_QUEUE_QUERY
    refusal = Refused(400, "AWS.SimpleQueueService.NonExistentQueue", text)

    assert await sqs.refusal("GetQueueUrl", QueueName="nothing") == refusal
    url = "http://localhost:4566/000000000000/nothing"
    assert await sqs.refusal("DeleteQueue", QueueUrl=url) == refusal
    assert await sqs.refusal("SendMessage", QueueUrl="nothing", MessageBody="x") == refusal


async def test_an_error_over_json_names_its_shape_and_its_query_code(client: MakeSqs) -> None:
    sqs = client()
    reply = await sqs.reply("GetQueueUrl", QueueName="nothing")

    if sqs.protocol == "json":
        assert reply.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"
        assert '"__type":"com.amazonaws.sqs#QueueDoesNotExist"' in reply.text
    else:
        assert "<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in reply.text


async def test_making_a_queue_again_with_equal_attributes_finds_it(sqs: Sqs) -> None:
    first = await sqs.queue("orders", DelaySeconds="5", VisibilityTimeout="60")

    assert await sqs.queue("orders", DelaySeconds="5", VisibilityTimeout="60") == first
    assert await sqs.queue("orders", DelaySeconds="5") == first
    assert await sqs.queue("orders") == first


async def test_making_a_queue_again_with_another_value_names_the_attribute(sqs: Sqs) -> None:
    url = await sqs.queue("orders", DelaySeconds="0")
    differing = Refused(
        400,
        "QueueAlreadyExists",
        DIFFERING + "DelaySeconds",
    )

    again = {"QueueName": "orders", "Attributes": {"DelaySeconds": "1", "ReceiveMessageWaitTimeSeconds": "1"}}
    assert await sqs.refusal("CreateQueue", **again) == differing
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"DelaySeconds": "2"})
    assert await sqs.refusal("CreateQueue", **again) == differing


async def test_a_fifo_queue_with_another_value_names_the_attribute(sqs: Sqs) -> None:
    await sqs.queue("orders.fifo", ContentBasedDeduplication="true")

    assert await sqs.refusal(
        "CreateQueue",
        QueueName="orders.fifo",
        Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "false"},
    ) == (
        400,
        "QueueAlreadyExists",
        DIFFERING + "ContentBasedDeduplication",
    )


@pytest.mark.parametrize("name", ["", "a" * 81, "with space", "dots.not.allowed", "orders.fifo"])
async def test_a_standard_queue_has_a_plain_name(sqs: Sqs, name: str) -> None:
    assert await sqs.refusal("CreateQueue", QueueName=name) == (
        400,
        "InvalidParameterValue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    )


@pytest.mark.parametrize("name", ["orders", ".fifo", "a" * 76 + ".fifo"])
async def test_a_fifo_queue_has_a_name_that_ends_in_fifo(sqs: Sqs, name: str) -> None:
    assert await sqs.refusal("CreateQueue", QueueName=name, Attributes={"FifoQueue": "true"}) == (
        400,
        "InvalidParameterValue",
        FIFO_NAME,
    )


async def test_a_queue_needs_a_name(sqs: Sqs) -> None:
    assert await sqs.refusal("CreateQueue") == (
        400,
        "MissingParameter",
        "The request must contain the parameter QueueName.",
    )


async def test_queues_are_listed_by_name(sqs: Sqs) -> None:
    for name in ("b", "a", "c"):
        await sqs.queue(name)

    base = "http://localhost:4566/000000000000"
    assert await sqs.call("ListQueues") == {"QueueUrls": [f"{base}/a", f"{base}/b", f"{base}/c"]}


async def test_queues_are_listed_by_prefix(sqs: Sqs) -> None:
    for name in ("orders-eu", "orders-us", "invoices"):
        await sqs.queue(name)

    base = "http://localhost:4566/000000000000"
    listed = await sqs.call("ListQueues", QueueNamePrefix="orders")
    assert listed == {"QueueUrls": [f"{base}/orders-eu", f"{base}/orders-us"]}
    assert await sqs.call("ListQueues", QueueNamePrefix="Orders") == {}


async def test_a_listing_has_pages(sqs: Sqs) -> None:
    for name in ("a", "b", "c"):
        await sqs.queue(name)
    first = await sqs.call("ListQueues", MaxResults=2)
    await sqs.call("DeleteQueue", QueueUrl="b")
    second = await sqs.call("ListQueues", MaxResults=2, NextToken=first["NextToken"])

    base = "http://localhost:4566/000000000000"
    assert first["QueueUrls"] == [f"{base}/a", f"{base}/b"]
    assert second == {"QueueUrls": [f"{base}/c"]}


async def test_the_pages_of_a_prefix_begin_with_the_queue_of_that_name_and_hold_no_others(sqs: Sqs) -> None:
    for name in ("b", "a-2", "a", "a-1", "A"):
        await sqs.queue(name)
    first = await sqs.call("ListQueues", QueueNamePrefix="a", MaxResults=1)
    second = await sqs.call("ListQueues", QueueNamePrefix="a", MaxResults=2, NextToken=first["NextToken"])

    base = "http://localhost:4566/000000000000"
    assert first["QueueUrls"] == [f"{base}/a"]
    assert second == {"QueueUrls": [f"{base}/a-1", f"{base}/a-2"]}


async def test_a_listing_without_a_page_size_is_a_thousand_long_and_ends_there(sqs: Sqs) -> None:
    for number in range(1001):
        await sqs.call("CreateQueue", QueueName=f"q{number}")
    listed = await sqs.call("ListQueues")

    assert len(listed["QueueUrls"]) == 1000
    assert "NextToken" not in listed


async def test_a_page_size_and_a_token_are_checked(sqs: Sqs) -> None:
    for size in (0, 1001):
        assert await sqs.refusal("ListQueues", MaxResults=size) == (
            400,
            "InvalidParameterValue",
            f"Value {size} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.",
        )
    assert await sqs.refusal("ListQueues", MaxResults=1, NextToken="x") == (
        400,
        "InvalidParameterValue",
        "Value x for parameter NextToken is invalid. Reason: Invalid token.",
    )


async def test_queues_of_other_accounts_and_regions_are_not_listed(sqs: Sqs, client: MakeSqs) -> None:
    await client(account="111111111111").queue("theirs")
    await client(region="eu-west-1").queue("elsewhere")

    assert await sqs.call("ListQueues") == {}


async def test_a_deleted_queue_is_gone_with_its_messages(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    await sqs.send(url)
    await sqs.call("DeleteQueue", QueueUrl=url)

    assert (await sqs.refusal("ReceiveMessage", QueueUrl=url)).code.endswith("NonExistentQueue")
    assert await sqs.receive(await sqs.queue("orders")) == []


async def test_by_the_strict_rules_the_name_of_a_deleted_queue_rests_for_a_minute(
    client_with: MakeSqs,
) -> None:
    sqs = client_with(strict=True)
    await sqs.call("DeleteQueue", QueueUrl=await sqs.queue("orders"))

    sqs.engine.advance(59)
    assert await sqs.refusal("CreateQueue", QueueName="orders") == (
        400,
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    )
    sqs.engine.advance(1)
    await sqs.queue("orders")


async def test_purging_deletes_every_message(sqs: Sqs) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    await sqs.send(url, DelaySeconds=60)
    await sqs.receive(url)
    for _ in range(2):
        await sqs.call("PurgeQueue", QueueUrl=url)
    sqs.engine.advance(900)

    assert await sqs.receive(url) == []


async def test_by_the_strict_rules_a_queue_is_purged_once_a_minute(client_with: MakeSqs) -> None:
    sqs = client_with(strict=True)
    url = await sqs.queue("orders")
    await sqs.call("PurgeQueue", QueueUrl=url)

    sqs.engine.advance(59)
    assert await sqs.refusal("PurgeQueue", QueueUrl=url) == (
        403,
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
    )
    sqs.engine.advance(1)
    await sqs.call("PurgeQueue", QueueUrl=url)
