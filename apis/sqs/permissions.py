"""Permissions: statements of a queue's policy by label. They are kept as AWS writes them, and nothing is refused."""

import json
import re
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.policy_statements import (
    Statement,
    has_label,
    permission,
    statements_of,
    without_label,
)
from pocketbus.apis.sqs.parameters import invalid
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    MissingRequiredParameterException,
    OverLimit,
)
from pocketbus.emulator.limits import POLICY_STATEMENTS, STATEMENT_ACTIONS
from pocketbus.emulator.queues.queue import Queue

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_ACCOUNT = re.compile(r"[0-9]{12}\Z")

# "Cross-account permissions don't apply to this action", says the API reference of each.
_OWNERS_ACTIONS = frozenset(
    {
        "AddPermission",
        "CancelMessageMoveTask",
        "CreateQueue",
        "DeleteQueue",
        "ListMessageMoveTasks",
        "ListQueues",
        "ListQueueTags",
        "RemovePermission",
        "SetQueueAttributes",
        "StartMessageMoveTask",
        "TagQueue",
        "UntagQueue",
    }
)


@sqs.operation
def add_permission(
    call: Call, *, queue_url: str, label: str, aws_account_ids: list[str], actions: list[str]
) -> None:
    queue = find_queue(call, queue_url)
    _check(label, aws_account_ids, actions)
    statements = statements_of(_policy(queue))
    if has_label(statements, label):
        raise invalid("Label", label, "Already exists.")
    if len(statements) >= POLICY_STATEMENTS:
        raise OverLimit(
            f"{len(statements) + 1} permissions were found, maximum allowed is {POLICY_STATEMENTS}."
        )
    added = permission(label, aws_account_ids, [f"SQS:{action}" for action in actions], queue.arn)
    _store(call, queue, [*statements, added])


@sqs.operation
def remove_permission(call: Call, *, queue_url: str, label: str) -> None:
    queue = find_queue(call, queue_url)
    statements = statements_of(_policy(queue))
    kept = without_label(statements, label)
    if len(kept) == len(statements):
        raise invalid("Label", label, "can't find label.")
    _store(call, queue, kept)


def _check(label: str, accounts: list[str], actions: list[str]) -> None:
    if not _LABEL.match(label):
        raise invalid(
            "Label",
            label,
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
        )
    for name, given in (("AWSAccountIds", accounts), ("Actions", actions)):
        if not given:
            raise MissingRequiredParameterException(f"The request must contain the parameter {name}.")
    for account in accounts:
        if not _ACCOUNT.match(account):
            raise InvalidParameterValueException(
                f"Value [{account}] for parameter PrincipalId is invalid. Reason: Unable to verify."
            )
    if len(actions) > STATEMENT_ACTIONS:
        raise OverLimit(f"{len(actions)} Actions were found, maximum allowed is {STATEMENT_ACTIONS}.")
    for action in actions:
        _check_action(action)


def _check_action(action: str) -> None:
    if action != "*" and action not in sqs.model.operations:
        reason = "Please refer to the appropriate WSDL for a list of valid actions."
        raise invalid("ActionName", f"SQS:{action}", reason)
    if action in _OWNERS_ACTIONS:
        reason = "Only the queue owner is allowed to invoke this action."
        raise invalid("ActionName", f"SQS:{action}", reason)


def _policy(queue: Queue) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(queue.settings.policy or "{}")
    return policy


def _store(call: Call, queue: Queue, statements: list[Statement]) -> None:
    """Put the statements into the queue's policy; a policy without any is none."""
    document = {"Version": "2008-10-17", "Id": f"{queue.arn}/SQSDefaultPolicy", **_policy(queue)}
    text = json.dumps({**document, "Statement": statements}, separators=(",", ":")) if statements else None
    queue.configure(replace(queue.settings, policy=text), call.now)
