"""AssumeRole, and what its siblings by token and by assertion share with it: the role, the session, the answer."""

import re
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.codec.errors import ValidationError
from pocketbus.apis.sts.credentials import assumed_role, check_policy, credentials
from pocketbus.apis.sts.service import sts
from pocketbus.emulator.arn import ACCOUNT, Arn

DURATION_SECONDS = 3600
_ROLE = re.compile(r"role/[\w+=,.@/-]+", re.ASCII)


@sts.operation
def assume_role(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    duration_seconds: int = DURATION_SECONDS,
    policy: str | None = None,
    source_identity: str | None = None,
    minimum_session_token_size: int | None = None,
) -> dict[str, Any]:
    answer = in_role(call, role_arn, role_session_name, duration_seconds, policy, minimum_session_token_size)
    return answer if source_identity is None else answer | {"SourceIdentity": source_identity}


def in_role(
    call: Call,
    role_arn: str,
    session_name: str,
    duration_seconds: int,
    policy: str | None,
    minimum_token_size: int | None,
) -> dict[str, Any]:
    """Return credentials by which one is somebody in a role. Roles need not exist: there is no IAM here."""
    role = _role(role_arn)
    check_policy(policy)
    identity = assumed_role(role, session_name)
    user = {"AssumedRoleId": identity.user_id, "Arn": identity.arn}
    issued = credentials(call, identity, role.account, duration_seconds, minimum_token_size)
    return {"AssumedRoleUser": user, **issued}


def _role(text: str) -> Arn:
    arn = Arn.parse(text)
    if (
        arn is None
        or (arn.service, arn.region) != ("iam", "")
        or not ACCOUNT.fullmatch(arn.account)
        or not _ROLE.fullmatch(arn.resource)
    ):
        raise ValidationError("Request ARN is invalid")
    return arn
