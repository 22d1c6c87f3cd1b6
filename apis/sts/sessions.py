"""Sessions of the caller's own account: with the caller's name, or with that of a federated user."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sts.credentials import (
    AccessDenied,
    caller,
    check_policy,
    credentials,
    federated_user,
    in_session,
)
from pocketbus.apis.sts.service import sts

_DURATION_SECONDS = 43_200


@sts.operation
def get_session_token(
    call: Call,
    *,
    duration_seconds: int = _DURATION_SECONDS,
    minimum_session_token_size: int | None = None,
) -> dict[str, Any]:
    _refuse_in_session(call, "GetSessionToken")
    return credentials(call, caller(call), call.scope.account, duration_seconds, minimum_session_token_size)


@sts.operation
def get_federation_token(
    call: Call,
    *,
    name: str,
    policy: str | None = None,
    duration_seconds: int = _DURATION_SECONDS,
    minimum_session_token_size: int | None = None,
) -> dict[str, Any]:
    _refuse_in_session(call, "GetFederationToken")
    check_policy(policy)
    user = federated_user(call, name)
    issued = credentials(call, user, call.scope.account, duration_seconds, minimum_session_token_size)
    return {"FederatedUser": {"FederatedUserId": user.user_id, "Arn": user.arn}, **issued}


def _refuse_in_session(call: Call, operation: str) -> None:
    if in_session(call):
        raise AccessDenied(f"Cannot call {operation} with session credentials")
