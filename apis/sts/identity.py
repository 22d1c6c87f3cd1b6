"""Who the caller is, and whose an access key is."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sts.credentials import caller
from pocketbus.apis.sts.service import sts
from pocketbus.emulator.access_key import account_of


@sts.operation
def get_caller_identity(call: Call) -> dict[str, Any]:
    identity = caller(call)
    return {"Arn": identity.arn, "UserId": identity.user_id, "Account": call.scope.account}


@sts.operation
def get_access_key_info(call: Call, *, access_key_id: str) -> dict[str, Any]:
    """Tell the account that requests with this key count for."""
    return {"Account": account_of(access_key_id) or call.engine.config.account}
