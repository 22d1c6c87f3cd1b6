"""The section of topics."""

from collections.abc import Iterator

from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Section, present, tags_of
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.topic_attributes import SETTABLE_NAMES


def _keys(operations: Operations) -> Iterator[Parameters]:
    for topic in operations.pages(sns, "ListTopics", "Topics"):
        yield {"Name": topic["TopicArn"].rpartition(":")[2]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    if key["Name"] not in operations.scope.sns.topics:
        return None
    arn = operations.scope.sns.arn(key["Name"])
    attributes = operations(sns, "GetTopicAttributes", TopicArn=arn)["Attributes"]
    policy = operations(sns, "GetDataProtectionPolicy", ResourceArn=arn).get("DataProtectionPolicy")
    return present(
        {
            "Name": key["Name"],
            "Attributes": {name: text for name, text in attributes.items() if name in SETTABLE_NAMES},
            "Tags": tags_of(operations(sns, "ListTagsForResource", ResourceArn=arn)["Tags"]),
            "DataProtectionPolicy": policy,
        }
    )


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    arn = operations.scope.sns.arn(there["Name"])
    for name, text in differing.get("Attributes", {}).items():
        operations(sns, "SetTopicAttributes", TopicArn=arn, AttributeName=name, AttributeValue=text)
    if "Tags" in differing:
        operations(sns, "TagResource", ResourceArn=arn, Tags=differing["Tags"])
    if "DataProtectionPolicy" in differing:
        policy = differing["DataProtectionPolicy"]
        operations(sns, "PutDataProtectionPolicy", ResourceArn=arn, DataProtectionPolicy=policy)


TOPICS = Section(
    name="topics",
    service=sns,
    making="CreateTopic",
    key=("Name",),
    keys=_keys,
    read=_read,
    change=_change,
    kind="topic",
    attributes=SETTABLE_NAMES,
)
