"""Permissions: statements of a topic's policy by label. They are kept as AWS writes them, and nothing is refused."""

import json
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.policy_statements import has_label, permission, statements_of, without_label
from pocketbus.apis.sns.arns import find_topic
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.topic_attributes import POLICY_ACTIONS, policy_of
from pocketbus.emulator.topics.topic import Topic

# Receive stands in no default policy and is granted all the same.
_GRANTABLE = frozenset((*POLICY_ACTIONS, "Receive"))


@sns.operation
def add_permission(
    call: Call, *, topic_arn: str, label: str, aws_account_id: list[str], action_name: list[str]
) -> None:
    topic = find_topic(call, topic_arn)
    if not _GRANTABLE.issuperset(action_name):
        raise invalid("Policy statement action out of service scope!")
    policy = json.loads(policy_of(topic))
    statements = statements_of(policy)
    if has_label(statements, label):
        raise invalid("Statement already exists")
    actions = [f"SNS:{action}" for action in action_name]
    added = permission(label, aws_account_id, actions, topic.arn)
    _store(call, topic, {**policy, "Statement": [*statements, added]})


@sns.operation
def remove_permission(call: Call, *, topic_arn: str, label: str) -> None:
    """Take the statement away, if there is one."""
    topic = find_topic(call, topic_arn)
    policy = json.loads(policy_of(topic))
    kept = without_label(statements_of(policy), label)
    _store(call, topic, {**policy, "Statement": kept})


def _store(call: Call, topic: Topic, policy: dict[str, Any]) -> None:
    text = json.dumps(policy, separators=(",", ":"))
    topic.configure(replace(topic.settings, kept={**topic.settings.kept, "Policy": text}), call.now)
