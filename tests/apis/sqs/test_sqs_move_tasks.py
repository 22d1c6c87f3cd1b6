"""Message move tasks on the wire, and the sources of a dead-letter queue."""

import json
from base64 import b64encode

import pytest

from tests.apis.sqs.conftest import Refused, Sqs

RANGE = "Reason: Must be between 1 and 500, if provided."
ARN = "arn:aws:sqs:us-east-1:000000000000:"


async def dead_letters(sqs: Sqs, number: int, suffix: str = "") -> tuple[str, str]:
    """Make a queue and a dead-letter queue with so many messages in it, and return their URLs."""
    source, dead = await sqs.dead_letter_pair(suffix)
    for letter in range(number):
        await sqs.send(source, f"letter {letter}")
    while await sqs.receive(source, VisibilityTimeout=0):
        pass
    return source, dead


def handle_of(task_id: str, source: str) -> str:
    return b64encode(json.dumps({"taskId": task_id, "sourceArn": source}).encode()).decode()


async def test_dead_letters_go_back_to_their_source_as_new_messages(sqs: Sqs) -> None:
    source, _ = await dead_letters(sqs, 3)
    sqs.engine.advance(60)
    await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead")
    sqs.engine.advance(0)
    received = await sqs.receive(source, MessageSystemAttributeNames=["All"])

    assert [message["Body"] for message in received] == ["letter 0", "letter 1", "letter 2"]
    assert received[0]["Attributes"] == {
        "SenderId": "000000000000",
        "SentTimestamp": "1700000060000",
        "ApproximateFirstReceiveTimestamp": "1700000060000",
        "ApproximateReceiveCount": "1",
    }


async def test_a_finished_task_is_listed(sqs: Sqs) -> None:
    await dead_letters(sqs, 2)
    await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead")
    sqs.engine.advance(0)

    assert await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead") == {
        "Results": [
            {
                "Status": "COMPLETED",
                "SourceArn": f"{ARN}dead",
                "ApproximateNumberOfMessagesMoved": 2,
                "ApproximateNumberOfMessagesToMove": 2,
                "StartedTimestamp": 1_700_000_000_000,
            }
        ]
    }


async def test_a_task_moves_as_many_messages_a_second_as_were_asked_for(sqs: Sqs) -> None:
    _, _ = await dead_letters(sqs, 10)
    other = await sqs.queue("other")
    task = await sqs.call(
        "StartMessageMoveTask",
        SourceArn=f"{ARN}dead",
        DestinationArn=f"{ARN}other",
        MaxNumberOfMessagesPerSecond=2,
    )
    sqs.engine.advance(3)

    assert await sqs.attributes(other, "ApproximateNumberOfMessages") == {"ApproximateNumberOfMessages": "6"}
    (listed,) = (await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead"))["Results"]
    assert listed == {
        "TaskHandle": task["TaskHandle"],
        "Status": "RUNNING",
        "SourceArn": f"{ARN}dead",
        "DestinationArn": f"{ARN}other",
        "MaxNumberOfMessagesPerSecond": 2,
        "ApproximateNumberOfMessagesMoved": 6,
        "ApproximateNumberOfMessagesToMove": 10,
        "StartedTimestamp": 1_700_000_000_000,
    }


async def test_a_cancelled_task_moves_no_more(sqs: Sqs) -> None:
    source, dead = await dead_letters(sqs, 3)
    task = await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead", MaxNumberOfMessagesPerSecond=1)
    sqs.engine.advance(1)

    assert await sqs.call("CancelMessageMoveTask", **task) == {"ApproximateNumberOfMessagesMoved": 1}
    sqs.engine.advance(60)
    assert len(await sqs.receive(source)) == 1
    assert len(await sqs.receive(dead)) == 2
    (listed,) = (await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead"))["Results"]
    assert listed["Status"] == "CANCELLED"
    assert "TaskHandle" not in listed


async def test_a_task_that_is_over_cannot_be_cancelled(sqs: Sqs) -> None:
    await dead_letters(sqs, 1)
    task = await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead")
    sqs.engine.advance(0)

    assert await sqs.refusal("CancelMessageMoveTask", **task) == (
        400,
        "InvalidParameterValue",
        "Only active tasks can be cancelled.",
    )


async def test_a_dead_letter_queue_has_one_running_task(sqs: Sqs) -> None:
    await dead_letters(sqs, 2)
    start = {"SourceArn": f"{ARN}dead", "MaxNumberOfMessagesPerSecond": 1}
    await sqs.call("StartMessageMoveTask", **start)

    assert await sqs.refusal("StartMessageMoveTask", **start) == (
        400,
        "InvalidParameterValue",
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
    )
    sqs.engine.advance(2)
    await sqs.call("StartMessageMoveTask", **start)


async def test_the_latest_tasks_are_listed_first(sqs: Sqs) -> None:
    await dead_letters(sqs, 1)
    for _ in range(12):
        await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead")
        sqs.engine.advance(1)

    one = await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead")
    ten = await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead", MaxResults=10)
    assert [task["StartedTimestamp"] for task in one["Results"]] == [1_700_000_011_000]
    assert len(ten["Results"]) == 10
    assert ten["Results"][9]["StartedTimestamp"] == 1_700_000_002_000


async def test_a_queue_that_had_no_task_lists_none(sqs: Sqs) -> None:
    await sqs.queue("dead")

    assert await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead") == {}


async def test_a_message_whose_source_is_not_known_fails_the_task(sqs: Sqs) -> None:
    _, dead = await sqs.dead_letter_pair()
    await sqs.send(dead, "sent here")
    await sqs.call("StartMessageMoveTask", SourceArn=f"{ARN}dead")
    sqs.engine.advance(0)

    (listed,) = (await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead"))["Results"]
    assert (listed["Status"], listed["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert [message["Body"] for message in await sqs.receive(dead)] == ["sent here"]


async def test_a_destination_that_goes_away_fails_the_task(sqs: Sqs) -> None:
    _, dead = await dead_letters(sqs, 3)
    other = await sqs.queue("other")
    await sqs.call(
        "StartMessageMoveTask",
        SourceArn=f"{ARN}dead",
        DestinationArn=f"{ARN}other",
        MaxNumberOfMessagesPerSecond=1,
    )
    sqs.engine.advance(1)
    await sqs.call("DeleteQueue", QueueUrl=other)
    sqs.engine.advance(1)

    (listed,) = (await sqs.call("ListMessageMoveTasks", SourceArn=f"{ARN}dead"))["Results"]
    assert listed["FailureReason"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert listed["ApproximateNumberOfMessagesMoved"] == 1
    assert len(await sqs.receive(dead)) == 2


async def test_only_a_dead_letter_queue_is_moved_from(sqs: Sqs) -> None:
    await sqs.queue("orders")

    assert await sqs.refusal("StartMessageMoveTask", SourceArn=f"{ARN}orders") == (
        400,
        "InvalidParameterValue",
        "Source queue must be configured as a Dead Letter Queue.",
    )


async def test_source_and_destination_exist(sqs: Sqs) -> None:
    await sqs.dead_letter_pair()
    no_source = Refused(
        404,
        "ResourceNotFoundException",
        "The resource that you specified for the SourceArn parameter doesn't exist.",
    )

    assert await sqs.refusal("StartMessageMoveTask", SourceArn=f"{ARN}nothing") == no_source
    assert await sqs.refusal("ListMessageMoveTasks", SourceArn="nonsense") == no_source
    refusal = await sqs.refusal(
        "CancelMessageMoveTask", TaskHandle=handle_of("10f6af4b-92d5", f"{ARN}nothing")
    )
    assert refusal == no_source
    assert await sqs.refusal(
        "StartMessageMoveTask", SourceArn=f"{ARN}dead", DestinationArn=f"{ARN}nothing"
    ) == (
        404,
        "ResourceNotFoundException",
        "The resource that you specified for the DestinationArn parameter doesn't exist.",
    )


@pytest.mark.parametrize("destination", ["dead", "other.fifo"])
async def test_a_destination_is_another_queue_of_the_same_type(sqs: Sqs, destination: str) -> None:
    await sqs.dead_letter_pair()
    await sqs.queue("other.fifo")

    refusal = await sqs.refusal(
        "StartMessageMoveTask", SourceArn=f"{ARN}dead", DestinationArn=ARN + destination
    )
    assert refusal.code == "InvalidParameterValue"


@pytest.mark.parametrize("rate", [0, 501])
async def test_a_rate_is_at_most_five_hundred_a_second(sqs: Sqs, rate: int) -> None:
    await sqs.dead_letter_pair()

    assert await sqs.refusal(
        "StartMessageMoveTask", SourceArn=f"{ARN}dead", MaxNumberOfMessagesPerSecond=rate
    ) == (
        400,
        "InvalidParameterValue",
        f"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. {RANGE}",
    )


@pytest.mark.parametrize("number", [0, 11])
async def test_at_most_ten_tasks_are_listed(sqs: Sqs, number: int) -> None:
    await sqs.queue("dead")

    refusal = await sqs.refusal("ListMessageMoveTasks", SourceArn=f"{ARN}dead", MaxResults=number)
    assert refusal.code == "InvalidParameterValue"


@pytest.mark.parametrize("handle", ["nonsense", b64encode(b"[]").decode(), b64encode(b"{}").decode()])
async def test_a_task_handle_that_is_malformed_is_refused(sqs: Sqs, handle: str) -> None:
    assert await sqs.refusal("CancelMessageMoveTask", TaskHandle=handle) == (
        400,
        "InvalidParameterValue",
        "Value for parameter TaskHandle is invalid.",
    )


async def test_a_task_that_does_not_exist_cannot_be_cancelled(sqs: Sqs) -> None:
    await sqs.queue("dead")
    handle = handle_of("10f6af4b-92d5", f"{ARN}dead")

    assert await sqs.refusal("CancelMessageMoveTask", TaskHandle=handle) == (
        404,
        "ResourceNotFoundException",
        "Task does not exist.",
    )


async def test_the_sources_of_a_dead_letter_queue_are_listed(sqs: Sqs) -> None:
    source, dead = await sqs.dead_letter_pair()
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": 1})}
    another = await sqs.queue("another", **policy)

    assert await sqs.call("ListDeadLetterSourceQueues", QueueUrl=dead) == {"queueUrls": [another, source]}
    first = await sqs.call("ListDeadLetterSourceQueues", QueueUrl=dead, MaxResults=1)
    assert first["queueUrls"] == [another]
    second = await sqs.call(
        "ListDeadLetterSourceQueues", QueueUrl=dead, MaxResults=1, NextToken=first["NextToken"]
    )
    assert second == {"queueUrls": [source]}


async def test_a_queue_that_is_no_dead_letter_queue_has_no_sources(sqs: Sqs) -> None:
    listed = await sqs.call("ListDeadLetterSourceQueues", QueueUrl=await sqs.queue())

    assert listed.get("queueUrls", []) == []
