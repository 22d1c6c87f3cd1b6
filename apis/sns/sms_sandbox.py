"""The SMS sandbox, and the numbers that an account sends from."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import sorted_by
from pocketbus.apis.sns.pages import PAGE, read_page
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.topics.sms import SandboxNumber


@sns.operation
def get_sms_sandbox_account_status(call: Call) -> dict[str, Any]:
    return {"IsInSandbox": call.engine.config.sms_sandbox}


@sns.operation
def create_sms_sandbox_phone_number(call: Call, *, phone_number: str) -> dict[str, Any]:
    call.scope.sns.sms.add_to_sandbox(phone_number, call.now)
    return {}


@sns.operation
def verify_sms_sandbox_phone_number(
    call: Call, *, phone_number: str, one_time_password: str
) -> dict[str, Any]:
    call.scope.sns.sms.verify(phone_number, one_time_password)
    return {}


@sns.operation
def delete_sms_sandbox_phone_number(call: Call, *, phone_number: str) -> dict[str, Any]:
    call.scope.sns.sms.remove_from_sandbox(phone_number)
    return {}


@sns.operation
def list_sms_sandbox_phone_numbers(
    call: Call, *, next_token: str | None = None, max_results: int = PAGE
) -> dict[str, Any]:
    numbers = call.scope.sns.sms.sandbox.values()
    page, token = read_page(sorted_by(_number, numbers), _number, next_token, limit=max_results)
    return {"PhoneNumbers": [_write(number) for number in page], **token}


def _number(number: SandboxNumber) -> str:
    return number.phone_number


def _write(number: SandboxNumber) -> dict[str, str]:
    return {"PhoneNumber": number.phone_number, "Status": "Verified" if number.verified else "Pending"}


@sns.operation
def list_origination_numbers(_call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    """List nothing: SNS has no operation that gives an account a number to send from."""
    read_page(sorted_by(str, ()), str, next_token)
    return {"PhoneNumbers": []}
