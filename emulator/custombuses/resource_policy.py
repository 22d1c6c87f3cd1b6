"""The resource policies of a bus: which other accounts may do what there. An explicit denial outweighs all else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Statement = Mapping[str, Any]


class ResourcePolicy(NamedTuple):
    """A policy document as it was put, and the revision that it is."""

    document: str
    revision_id: str

    @property
    def statements(self) -> list[Statement]:
        statements = json.loads(self.document).get("Statement", [])
        return statements if isinstance(statements, list) else [statements]


def effects(policies: Mapping[str, ResourcePolicy], account: str, action: str, arn: str) -> set[str]:
    """Return the effects of all statements that speak of an account, an action and a resource."""
    return {
        str(statement.get("Effect"))
        for policy in policies.values()
        for statement in policy.statements
        if isinstance(statement, dict) and _speaks_of(statement, account, action, arn)
    }


def _speaks_of(statement: Statement, account: str, action: str, arn: str) -> bool:
    conditions = statement.get("Condition") or {}
    accounts = dict(account_conditions(conditions))
    return (
        names_account(statement.get("Principal"), account)
        and any(_like(one, action) for one in listed(statement.get("Action")))
        and any(_like(one, arn) for one in listed(statement.get("Resource", "*")))
        and all(account in wanted or any(account in one for one in wanted) for wanted in accounts.values())
    )


def account_conditions(conditions: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield the conditions that limit a statement to accounts; others count as met."""
    for operator in conditions.values() if isinstance(conditions, dict) else ():
        for key, wanted in operator.items() if isinstance(operator, dict) else ():
            if str(key).lower() in {
                "aws:principalaccount",
                "aws:sourceaccount",
                "aws:sourcearn",
                "aws:principalarn",
            }:
                yield str(key), listed(wanted)


def is_public(document: Mapping[str, Any]) -> bool:
    """Tell whether a policy lets everybody in: a principal that is anybody, with no condition on the account."""
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return any(
        isinstance(statement, dict)
        and statement.get("Effect") == "Allow"
        and "*" in _principals(statement.get("Principal"))
        and not dict(account_conditions(statement.get("Condition")))
        for statement in statements
    )


def names_account(principal: object, account: str) -> bool:
    named = _principals(principal)
    return "*" in named or any(name == account or f"::{account}:" in name for name in named)


def _principals(principal: object) -> set[str]:
    return listed(principal.get("AWS", ()) if isinstance(principal, dict) else principal)


def listed(value: object) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list | tuple) else {str(value)}


def _like(pattern: str, text: str) -> bool:
    """Compare as IAM does: `*` stands for any text. Linear in the length of both."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    if not text.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return len(text) - place >= len(others[-1]) and text.endswith(others[-1])
