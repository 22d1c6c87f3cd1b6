"""Text messages: the account's settings, and the phone numbers that opted out."""

import re
from collections.abc import Callable
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import named
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.pages import read_page
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import InvalidParameterException
from pocketbus.emulator.topics.sms import is_phone_number

_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,11}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_DOLLARS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?", re.ASCII)
_PERCENTAGE = re.compile(r"[0-9]{1,2}|100", re.ASCII)

_CHECKS: dict[str, Callable[[str], object]] = {
    "MonthlySpendLimit": _DOLLARS.fullmatch,
    "DeliveryStatusIAMRole": Arn.parse,
    "DeliveryStatusSuccessSamplingRate": _PERCENTAGE.fullmatch,
    "DefaultSenderID": _SENDER_ID.fullmatch,
    "DefaultSMSType": {"Promotional", "Transactional"}.__contains__,
    "UsageReportS3Bucket": _BUCKET.fullmatch,
}
_DEFAULTS = {"MonthlySpendLimit": "1"}


@sns.operation
def set_sms_attributes(call: Call, *, attributes: dict[str, str]) -> None:
    """Set the attributes given; an empty value takes one away."""
    for name, value in attributes.items():
        if name not in _CHECKS:
            raise InvalidParameterException(f"{name} is not a valid attribute")
        if value and not _CHECKS[name](value):
            raise InvalidParameterException(f"{name} is invalid")
    merged = call.scope.sns.sms.settings | attributes
    call.scope.sns.sms.settings = {name: value for name, value in merged.items() if value}


@sns.operation
def get_sms_attributes(call: Call, *, attributes: list[str] | None = None) -> dict[str, Any]:
    settings = _DEFAULTS | call.scope.sns.sms.settings
    names = attributes or settings
    return {"attributes": {name: settings[name] for name in names if name in settings}}


@sns.operation
def check_if_phone_number_is_opted_out(call: Call, *, phone_number: str) -> dict[str, Any]:
    return {"isOptedOut": _read(phone_number) in call.scope.sns.sms.opted_out}


@sns.operation
def list_phone_numbers_opted_out(call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    page, token = read_page(named(call.scope.sns.sms.opted_out), str, next_token, member="nextToken")
    return {"phoneNumbers": page, **token}


@sns.operation
def opt_in_phone_number(call: Call, *, phone_number: str) -> dict[str, Any]:
    call.scope.sns.sms.opt_in(_read(phone_number), call.now)
    return {}


def _read(phone_number: str) -> str:
    if not is_phone_number(phone_number):
        raise invalid("PhoneNumber", "input incorrectly formatted")
    return phone_number
