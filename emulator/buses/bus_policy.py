"""An event bus's resource policy: which other accounts may do what on the bus."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Statement: TypeAlias = Mapping[str, Any]


class BusPolicy:
    """Statements in AWS's policy language, by Sid.

    Organisations are not emulated: a statement's condition counts as met.
    """

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self.statements = tuple(statements)

    def __bool__(self) -> bool:
        return bool(self.statements)

    @property
    def text(self) -> str | None:
        """The policy as EventBridge shows it; None: there is no statement."""
        if not self.statements:
            return None
        return json.dumps({"Version": "2012-10-17", "Statement": self.statements}, separators=(",", ":"))

    def has(self, sid: str) -> bool:
        return any(statement.get("Sid") == sid for statement in self.statements)

    def without(self, sid: str) -> "BusPolicy":
        return BusPolicy(kept for kept in self.statements if kept.get("Sid") != sid)

    def with_statement(self, statement: Statement) -> "BusPolicy":
        """Return the policy with one statement more; it takes the place of one of the same Sid."""
        return BusPolicy((*self.without(statement["Sid"]).statements, statement))

    def admits(self, account: str, action: str) -> bool:
        """Tell whether another account may do this; a denial outweighs any permission."""
        effects = {
            str(statement.get("Effect"))
            for statement in self.statements
            if _names_account(statement.get("Principal"), account)
            and _listed(statement.get("Action")) & {action, "events:*", "*"}
        }
        return effects == {"Allow"}


def _names_account(principal: object, account: str) -> bool:
    named = _listed(principal.get("AWS") if isinstance(principal, dict) else principal)
    return "*" in named or any(name == account or f"::{account}:" in name for name in named)


def _listed(value: object) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else {str(value)}
