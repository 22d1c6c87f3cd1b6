"""Configurations of webhooks: read with what they must and must not hold, and their secrets apart."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pocketbus.apis.call import Call
from pocketbus.emulator.custombuses.source import SourceSettings
from pocketbus.emulator.custombuses.webhook_auth import (
    BODY,
    MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY,
    Auth,
    BasicHttp,
    Hmac,
    StaticToken,
    key_of,
)
from pocketbus.emulator.errors import InvalidInputException

Wire = Mapping[str, Any]

_NO_TOKEN_HEADER: Final = re.compile(
    r"(host|x-forwarded-.*|forwarded|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|via)",
    re.IGNORECASE,
)
_NO_METADATA_HEADER: Final = re.compile(
    r"(authorization|cookie|set-cookie|proxy-.*|x-forwarded-.*|forwarded|via|host|connection|x-amz.*|x-real-ip)",
    re.IGNORECASE,
)
_KEY_BYTES: Final = range(16, 513)
_STATIC, _BASIC, _HMAC = (
    "StaticTokenAuthConfiguration",
    "BasicHttpAuthConfiguration",
    "HmacAuthConfiguration",
)
_SECRETS: Final = {_STATIC: "SecretValue", _BASIC: "Password", _HMAC: "SecretValue"}
_CREDENTIALS: Final = {
    StaticToken: "StaticTokenSecretValue",
    BasicHttp: "BasicHttpPassword",
    Hmac: "HmacSecretValue",
}


def read_webhook(call: Call, wire: Wire) -> tuple[SourceSettings, str | None]:
    """Read a WebhookEventsConfiguration; return with it the secret that it gives. Raise InvalidInputException."""
    account = wire["RoleArn"].split(":")[4]
    if account != call.scope.account:
        raise InvalidInputException("RoleArn must belong to the calling account")
    ((form, given),) = wire["AuthConfiguration"].items()
    auth = _AUTHS[form](given)
    secret = given.get(_SECRETS[form])
    if form == _BASIC and ("Username" in given) != (secret is not None):
        raise InvalidInputException("Username and Password must be given together")
    if secret is not None:
        check_secret(auth, secret)
    headers = [name.lower() for name in wire.get("MetadataHttpHeaders", ())]
    _check_metadata_headers(headers, auth)
    public = {name: value for name, value in given.items() if name != _SECRETS[form]}
    if isinstance(auth, BasicHttp):
        public["Username"] = auth.username
    configuration = {**wire, "AuthConfiguration": {form: public}}
    settings = SourceSettings(
        {"WebhookEventsConfiguration": configuration},
        auth=auth,
        metadata_headers=tuple(headers),
        content_based="DeduplicationConfiguration" in wire,
    )
    return settings, secret


def _static_token(given: Wire) -> Auth:
    header = given["TokenHttpHeader"]
    if _NO_TOKEN_HEADER.fullmatch(header):
        raise InvalidInputException(f"TokenHttpHeader must not be {header}")
    return StaticToken(header)


def _basic_http(given: Wire) -> Auth:
    return BasicHttp(given.get("Username", "webhook"))


def _hmac(given: Wire) -> Auth:
    composition = given["SignedMessageComposition"]
    timestamp, message_id = given.get("TimestampHttpHeader"), given.get("MessageIdHttpHeader")
    if composition == BODY:
        _refuse(given, composition, "TimestampHttpHeader", "TimestampPrefix", "TimestampToleranceInSeconds")
    elif timestamp is None:
        raise InvalidInputException(f"TimestampHttpHeader is required for {composition}")
    if (composition == MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY) != (message_id is not None):
        needed = "required" if message_id is None else "not supported"
        raise InvalidInputException(f"MessageIdHttpHeader is {needed} for {composition}")
    if timestamp is not None and timestamp.lower() == given["SignatureHttpHeader"].lower():
        for name in ("Delimiter", "SignaturePrefix", "TimestampPrefix"):
            if name not in given:
                raise InvalidInputException(
                    f"{name} is required where one header has timestamp and signature"
                )
    return Hmac(
        given["Algorithm"],
        given["Encoding"],
        given["SignatureHttpHeader"],
        composition,
        given.get("SignaturePrefix", ""),
        given.get("Delimiter"),
        timestamp,
        given.get("TimestampPrefix", ""),
        given.get("TimestampToleranceInSeconds", 300),
        message_id,
        given.get("SecretEncoding", "RAW"),
    )


_AUTHS: Final = {_STATIC: _static_token, _BASIC: _basic_http, _HMAC: _hmac}


def _refuse(given: Wire, composition: str, *names: str) -> None:
    for name in names:
        if name in given:
            raise InvalidInputException(f"{name} is not supported for {composition}")


def _check_metadata_headers(headers: list[str], auth: Auth) -> None:
    if len(set(headers)) != len(headers):
        raise InvalidInputException("MetadataHttpHeaders must be unique, whatever their case")
    token = auth.header.lower() if isinstance(auth, StaticToken) else None
    for name in headers:
        if _NO_METADATA_HEADER.fullmatch(name) or name == token:
            raise InvalidInputException(f"MetadataHttpHeaders must not hold {name}")


def check_secret(auth: Auth, secret: str) -> None:
    """Raise InvalidInputException for a secret that is none for its kind."""
    if not isinstance(auth, Hmac):
        return
    try:
        size = len(key_of(secret, auth.key_encoding))
    except ValueError as error:
        raise InvalidInputException(f"SecretValue: {error}") from None
    if size not in _KEY_BYTES:
        raise InvalidInputException("SecretValue must be a key of 16 to 512 bytes")


def read_credential(auth: Auth, wire: Wire) -> str:
    """Read what a secret is replaced with. Raise InvalidInputException for one of another kind."""
    ((form, secret),) = wire.items()
    if form != _CREDENTIALS[type(auth)]:
        raise InvalidInputException(f"Credential must be a {_CREDENTIALS[type(auth)]} for this event source")
    check_secret(auth, secret)
    return str(secret)


def generated(call: Call, auth: Auth) -> str:
    """Make a secret that fits."""
    secret = call.engine.ids.hex(64)
    if isinstance(auth, Hmac) and auth.key_encoding == "BASE64":
        return f"whsec_{secret}"  # 64 hexadecimal digits are base64, too
    return secret
