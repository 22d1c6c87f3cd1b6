"""Attributes of platform applications and of their endpoints: how they are read and written."""

import re
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.readers import read_flag, whole_number, write_flag
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.limits import ENDPOINT_USER_DATA_BYTES
from pocketbus.emulator.topics.platform import EndpointSettings, PlatformApplication, PlatformEndpoint
from pocketbus.rules.json_text import load

_SECRETS = ("PlatformPrincipal", "PlatformCredential")
_WITHOUT_PRINCIPAL = "GCM"


def _any(_text: str) -> None:
    pass


def _arn(text: str) -> None:
    if Arn.parse(text) is None:
        raise ValueError("must be an ARN")


_CHECKS: dict[str, Callable[[str], object]] = {
    "PlatformPrincipal": _any,
    "PlatformCredential": _any,
    "ApplePlatformTeamID": _any,
    "ApplePlatformBundleID": _any,
    "EventEndpointCreated": _arn,
    "EventEndpointDeleted": _arn,
    "EventEndpointUpdated": _arn,
    "EventDeliveryFailure": _arn,
    "SuccessFeedbackRoleArn": _arn,
    "FailureFeedbackRoleArn": _arn,
    "SuccessFeedbackSampleRate": whole_number(0, 100),
    "Enabled": read_flag,
}

SETTABLE_NAMES = tuple(_CHECKS)


def read_application(
    platform: str, attributes: Mapping[str, str], current: Mapping[str, str]
) -> dict[str, str]:
    """Return the attributes with those given applied; an empty value takes one away."""
    for name, text in attributes.items():
        if name not in _CHECKS:
            raise _unknown(name)
        if text:
            _check(name, _CHECKS[name], text)
    merged = {name: text for name, text in {**current, **attributes}.items() if text}
    _check_credentials(platform, merged)
    return merged


def _check_credentials(platform: str, attributes: Mapping[str, str]) -> None:
    if platform == _WITHOUT_PRINCIPAL:
        if "PlatformCredential" not in attributes:
            raise invalid("Attributes", "PlatformCredential attribute not provided")
        return
    for given, lacking in (_SECRETS, _SECRETS[::-1]):
        if given in attributes and lacking not in attributes:
            raise invalid("Attributes", f"{given} attribute provided without {lacking}")
    if _SECRETS[0] not in attributes:
        raise invalid("Attributes", "PlatformPrincipal and PlatformCredential attributes not provided")


def write_application(application: PlatformApplication) -> dict[str, str]:
    """Write what may be seen: credentials go in and never come out."""
    attributes = {"Enabled": "true", **application.attributes}
    method = _authentication_method(application)
    if method is not None:
        attributes["AuthenticationMethod"] = method
    return {name: text for name, text in attributes.items() if name not in _SECRETS}


def _authentication_method(application: PlatformApplication) -> str | None:
    if application.platform.startswith("APNS"):
        return "token" if "ApplePlatformTeamID" in application.attributes else "certificate"
    if application.platform == "GCM":
        return "token" if _is_object(application.attributes["PlatformCredential"]) else "key"
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(load(text), dict)
    except ValueError:
        return False


def read_endpoint(attributes: Mapping[str, str], current: EndpointSettings) -> EndpointSettings:
    settings = current
    for name, text in attributes.items():
        if name == "Enabled":
            _check(name, read_flag, text)
            settings = replace(settings, enabled=read_flag(text))
        elif name == "Token":
            settings = replace(settings, token=read_token(text))
        elif name == "CustomUserData":
            _check(name, _user_data, text)
            settings = replace(settings, user_data=text)
        else:
            raise _unknown(name)
    return settings


_TOKEN = re.compile(r"\S.*", re.DOTALL)


def read_token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise invalid("Token")
    return text


def write_endpoint(endpoint: PlatformEndpoint) -> dict[str, str]:
    settings = endpoint.settings
    attributes = {"Enabled": write_flag(settings.enabled), "Token": settings.token}
    return attributes if settings.user_data is None else {**attributes, "CustomUserData": settings.user_data}


def _user_data(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > ENDPOINT_USER_DATA_BYTES:
        raise ValueError(f"must be at most {ENDPOINT_USER_DATA_BYTES} bytes long in UTF-8 encoding")


def _check(name: str, check: Callable[[str], object], text: str) -> None:
    try:
        check(text)
    except ValueError as error:
        raise invalid("Attributes", f"Invalid value for attribute: {name}: {error}") from None


def _unknown(name: str) -> Exception:
    return invalid("Attributes", f"Invalid attribute name: {name}")
