"""What is done to a queue as a whole: dead letters moved back, messages deleted."""

from argparse import Namespace
from time import sleep
from typing import Any

from pocketbus.command.outcome import Outcome, count_of
from pocketbus.command.remote import Arn, Remote

_LOOKS, _PAUSE_SECONDS = 100, 0.05
"""A move without a rate is over in no time; how long to look for its end."""


def redrive(remote: Remote, options: Namespace) -> Outcome:
    source = remote.find("queues", options.dlq)
    members: dict[str, Any] = {"SourceArn": source.text}
    if options.to:
        members["DestinationArn"] = remote.find("queues", options.to).text
    if options.rate is not None:
        members["MaxNumberOfMessagesPerSecond"] = options.rate
    remote.call("AmazonSQS.StartMessageMoveTask", "sqs", source, **members)
    frozen = remote.control("GET", "clock", of=source.account)["frozen"]
    task = _task(remote, source, looks=1 if options.rate or frozen else _LOOKS)
    moved, status = task.get("ApproximateNumberOfMessagesMoved", 0), task["Status"].lower()
    of = task.get("ApproximateNumberOfMessagesToMove", 0)
    lines = [f"{source.name}: {status}, {moved} of {count_of(of, 'message')} moved"]
    lines += (
        ["the clock is frozen: it goes on as the clock is moved"] if frozen and status == "running" else []
    )
    lines += [f"because: {task['FailureReason']}"] if "FailureReason" in task else []
    return Outcome(task, lines, int(status == "failed"))


def _task(remote: Remote, source: Arn, looks: int) -> dict[str, Any]:
    """Return the latest move task, when it has ended or after so many looks."""
    while True:
        answer = remote.call("AmazonSQS.ListMessageMoveTasks", "sqs", source, SourceArn=source.text)
        task: dict[str, Any] = answer["Results"][0]
        looks -= 1
        if task["Status"] != "RUNNING" or looks <= 0:
            return task
        sleep(_PAUSE_SECONDS)


def purge(remote: Remote, options: Namespace) -> Outcome:
    queue = remote.find("queues", options.queue)
    held = remote.control("GET", "queues", name=queue.text)["queues"][0]
    url = f"{remote.url}/queue/{queue.region}/{queue.account}/{queue.name}"
    remote.call("AmazonSQS.PurgeQueue", "sqs", queue, QueueUrl=url)
    number = held["ready"] + held["delayed"] + held["in_flight"]
    return Outcome({"purged": number}, [f"{queue.name}: {count_of(number, 'message')} deleted"])
