"""Topics: create, list, configure, delete."""

import re
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sns.arns import find_topic, topic_at
from pocketbus.apis.sns.data_protection import with_policy
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.pages import read_page
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.tags import read_tags
from pocketbus.apis.sns.topic_attributes import IN_MAP, read_settings, write_attributes
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

_STANDARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_NAME = re.compile(r"(?=.{1,256}\Z)[A-Za-z0-9_-]+\.fifo")


@sns.operation
def create_topic(
    call: Call,
    *,
    name: str,
    attributes: dict[str, str] | None = None,
    tags: list[dict[str, str]] | None = None,
    data_protection_policy: str | None = None,
) -> dict[str, Any]:
    attributes = attributes or {}
    fifo = attributes.get("FifoTopic", "").lower() == "true"
    if not (_FIFO_NAME if fifo else _STANDARD_NAME).fullmatch(name):
        raise invalid("Topic Name")
    wanted_tags = read_tags(tags or [])
    topic = call.scope.sns.topics.get(name)
    settings = read_settings(attributes, topic.settings if topic else TopicSettings(fifo=fifo), IN_MAP)
    if data_protection_policy:
        settings = with_policy(settings, data_protection_policy)
    if topic is None:
        topic = call.scope.sns.create_topic(name, settings, wanted_tags)
    else:
        _check_same(topic, settings, wanted_tags)
    return {"TopicArn": topic.arn}


def _check_same(topic: Topic, settings: TopicSettings, tags: dict[str, str]) -> None:
    """Refuse to create a topic again with what it does not have; to leave something out is no difference."""
    if settings != topic.settings:
        raise invalid("Attributes", "Topic already exists with different attributes")
    if not tags.items() <= topic.tags.items():
        raise invalid("Tags", "Topic already exists with different tags")


@sns.operation
def delete_topic(call: Call, *, topic_arn: str) -> None:
    topic = topic_at(call, topic_arn)
    if topic is not None:
        call.engine.scope_of(topic_arn).sns.delete_topic(topic)


@sns.operation
def list_topics(call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    topics = call.scope.sns.topics
    page, token = read_page(
        lambda arn: topics.behind(arn.rpartition(":")[2]), lambda topic: topic.arn, next_token
    )
    return {"Topics": [{"TopicArn": topic.arn} for topic in page], **token}


@sns.operation
def get_topic_attributes(call: Call, *, topic_arn: str) -> dict[str, Any]:
    return {"Attributes": write_attributes(find_topic(call, topic_arn), call.now)}


@sns.operation
def set_topic_attributes(
    call: Call, *, topic_arn: str, attribute_name: str, attribute_value: str | None = None
) -> None:
    topic = find_topic(call, topic_arn)
    if attribute_name == "FifoTopic":
        raise invalid("AttributeName")
    topic.configure(read_settings({attribute_name: attribute_value or ""}, topic.settings), call.now)
