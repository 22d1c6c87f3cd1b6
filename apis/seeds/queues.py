"""The section of queues."""

from collections.abc import Iterator

from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import ALL, Parameters, Reference, Section, present
from pocketbus.apis.sqs.attributes import SETTABLE_NAMES
from pocketbus.apis.sqs.service import sqs
from pocketbus.emulator.errors import QueueDoesNotExist


def _keys(operations: Operations) -> Iterator[Parameters]:
    for url in operations.pages(sqs, "ListQueues", "QueueUrls", MaxResults=1000):
        yield {"QueueName": str(url).rpartition("/")[2]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        url = operations(sqs, "GetQueueUrl", QueueName=key["QueueName"])["QueueUrl"]
    except QueueDoesNotExist:
        return None
    attributes = operations(sqs, "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return present(
        {
            "QueueName": key["QueueName"],
            "Attributes": {name: text for name, text in attributes.items() if name in SETTABLE_NAMES},
            "tags": operations(sqs, "ListQueueTags", QueueUrl=url).get("Tags"),
        }
    )


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    url = operations(sqs, "GetQueueUrl", QueueName=there["QueueName"])["QueueUrl"]
    if "Attributes" in differing:
        operations(sqs, "SetQueueAttributes", QueueUrl=url, Attributes=differing["Attributes"])
    if "tags" in differing:
        operations(sqs, "TagQueue", QueueUrl=url, Tags=differing["tags"])


QUEUES = Section(
    name="queues",
    service=sqs,
    making="CreateQueue",
    key=("QueueName",),
    keys=_keys,
    read=_read,
    change=_change,
    kind="queue",
    attributes=SETTABLE_NAMES,
    later=frozenset({"RedrivePolicy", "RedriveAllowPolicy"}),
    references=(
        Reference(("Attributes", "RedrivePolicy", "deadLetterTargetArn"), ("queue",)),
        Reference(("Attributes", "RedriveAllowPolicy", "sourceQueueArns", ALL), ("queue",)),
    ),
)
