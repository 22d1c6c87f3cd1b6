"""Platform applications: create, list, configure, delete."""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sns.arns import check_platform_arn, find_application
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.pages import read_page
from pocketbus.apis.sns.platform_attributes import read_application, write_application
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.topics.platform import PlatformApplication

_PLATFORMS = frozenset(
    (
        "ADM",
        "APNS",
        "APNS_SANDBOX",
        "APNS_VOIP",
        "APNS_VOIP_SANDBOX",
        "BAIDU",
        "GCM",
        "MACOS",
        "MACOS_SANDBOX",
        "MPNS",
        "WNS",
    )
)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_NAME_LENGTH = 256


@sns.operation
def create_platform_application(
    call: Call, *, name: str, platform: str, attributes: Mapping[str, str]
) -> dict[str, Any]:
    _check_name(name)
    if platform not in _PLATFORMS:
        raise invalid("Platform", f"{platform} is not supported")
    read = read_application(platform, attributes, {})
    application = call.scope.sns.create_platform_application(platform, name, read)
    if application.attributes != read:
        raise invalid("Attributes", "Platform application already exists with different attributes")
    return {"PlatformApplicationArn": application.arn}


def _check_name(name: str) -> None:
    if not name:
        raise invalid(name, "cannot be empty")
    if len(name) > _NAME_LENGTH:
        raise invalid(name, f"must be at most {_NAME_LENGTH} characters long")
    if not _NAME.fullmatch(name):
        raise invalid(name, "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'")


@sns.operation
def delete_platform_application(call: Call, *, platform_application_arn: str) -> None:
    """Take the application away with its endpoints, if there is one."""
    check_platform_arn(call, platform_application_arn, "PlatformApplicationArn")
    call.scope.sns.delete_platform_application(platform_application_arn)


@sns.operation
def list_platform_applications(call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    applications = call.scope.sns.platform_applications
    page, token = read_page(applications.behind, lambda application: application.arn, next_token)
    return {"PlatformApplications": [_write(application) for application in page], **token}


def _write(application: PlatformApplication) -> dict[str, Any]:
    return {"PlatformApplicationArn": application.arn, "Attributes": write_application(application)}


@sns.operation
def get_platform_application_attributes(call: Call, *, platform_application_arn: str) -> dict[str, Any]:
    return {"Attributes": write_application(find_application(call, platform_application_arn))}


@sns.operation
def set_platform_application_attributes(
    call: Call, *, platform_application_arn: str, attributes: Mapping[str, str]
) -> None:
    application = find_application(call, platform_application_arn)
    application.attributes = read_application(application.platform, attributes, application.attributes)
