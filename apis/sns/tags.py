"""Tags on topics."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sns.arns import find_tagged
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.errors import TagLimitExceededException
from pocketbus.emulator.limits import TOPIC_TAGS


def read_tags(tags: list[dict[str, str]]) -> dict[str, str]:
    read = {tag["Key"]: tag["Value"] for tag in tags}
    if len(read) < len(tags):
        raise invalid("Duplicated keys are not allowed.")
    if len(read) > TOPIC_TAGS:
        raise TagLimitExceededException
    return read


@sns.operation
def tag_resource(call: Call, *, resource_arn: str, tags: list[dict[str, str]]) -> None:
    topic = find_tagged(call, resource_arn)
    merged = topic.tags | read_tags(tags)
    if len(merged) > TOPIC_TAGS:
        raise TagLimitExceededException
    topic.tags = merged


@sns.operation
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> None:
    topic = find_tagged(call, resource_arn)
    for key in tag_keys:
        topic.tags.pop(key, None)


@sns.operation
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    tags = find_tagged(call, resource_arn).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
