"""The data protection policy of a topic: checked and kept. Messages are not looked into.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.sns.arns import find_topic
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.readers import read_object
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.limits import DATA_PROTECTION_POLICY_LENGTH
from pocketbus.emulator.topics.topic_settings import TopicSettings

_VERSION = "2021-06-01"
_DIRECTIONS = ("Inbound", "Outbound")
_OPERATIONS = ("Audit", "Deidentify", "Deny")
_LISTS = ("Principal", "DataIdentifier")


@sns.operation
def put_data_protection_policy(call: Call, *, resource_arn: str, data_protection_policy: str) -> None:
    topic = find_topic(call, resource_arn, "ResourceArn")
    topic.configure(with_policy(topic.settings, data_protection_policy), call.now)


@sns.operation
def get_data_protection_policy(call: Call, *, resource_arn: str) -> dict[str, Any]:
    policy = find_topic(call, resource_arn, "ResourceArn").settings.data_protection_policy
    return {} if policy is None else {"DataProtectionPolicy": policy}


def with_policy(settings: TopicSettings, text: str) -> TopicSettings:
    """Check a policy and return the settings with it; an empty object takes the policy away."""
    try:
        policy = _read(text, fifo=settings.fifo)
    except ValueError as error:
        raise invalid("DataProtectionPolicy", str(error)) from None
    return replace(settings, data_protection_policy=text if policy else None)


def _read(text: str, *, fifo: bool) -> Mapping[str, Any]:
    if fifo:
        raise ValueError("Data protection policies are not supported for FIFO topics")
    if len(text) > DATA_PROTECTION_POLICY_LENGTH:
        raise ValueError(f"must be at most {DATA_PROTECTION_POLICY_LENGTH} characters long")
    policy = read_object(text)
    if policy:
        _check(policy)
    return policy


def _check(policy: Mapping[str, Any]) -> None:
    if not _is_text(policy.get("Name")):
        raise ValueError("Name is required")
    if policy.get("Version") != _VERSION:
        raise ValueError(f"Version must be {_VERSION}")
    statements = policy.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise ValueError("Statement must be a list with at least one statement")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise ValueError("Statement must be a list of objects")  # noqa: TRY004 - the text is at fault, not a type
    if statement.get("DataDirection") not in _DIRECTIONS:
        raise ValueError(f"DataDirection must be {' or '.join(_DIRECTIONS)}")
    for name in _LISTS:
        members = statement.get(name)
        if not isinstance(members, list) or not members or not all(map(_is_text, members)):
            raise ValueError(f"{name} must be a list with at least one member")
    operation = statement.get("Operation")
    if not isinstance(operation, dict) or len(operation) != 1 or next(iter(operation)) not in _OPERATIONS:
        raise ValueError(f"Operation must be one of {', '.join(_OPERATIONS)}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
