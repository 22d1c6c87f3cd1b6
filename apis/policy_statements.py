"""Statements of a resource policy by label, as SQS and SNS write those of AddPermission."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Statement = dict[str, Any]

T = TypeVar("T")


def statements_of(policy: Mapping[str, Any]) -> list[Statement]:
    """Return a policy's statements; a single one need not be in a list."""
    statements = policy.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def has_label(statements: Sequence[Statement], label: str) -> bool:
    return any(_label_of(statement) == label for statement in statements)


def without_label(statements: Sequence[Statement], label: str) -> list[Statement]:
    return [statement for statement in statements if _label_of(statement) != label]


def _label_of(statement: object) -> object:
    """Return the label; a policy is kept as it was given, so that a statement may be anything."""
    return statement.get("Sid") if isinstance(statement, dict) else None


def permission(label: str, accounts: Sequence[str], actions: Sequence[str], resource: str) -> Statement:
    """Write the statement that lets accounts do something with a resource; `actions` name their service."""
    partition = resource.split(":", 2)[1]
    return {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_all([f"arn:{partition}:iam::{account}:root" for account in accounts])},
        "Action": _one_or_all(actions),
        "Resource": resource,
    }


def _one_or_all(values: Sequence[T]) -> T | Sequence[T]:
    return values[0] if len(values) == 1 else values
