"""Roles assumed by what an identity provider says in a token or a SAML assertion, whose signatures are not checked."""

import binascii
from base64 import b64decode, urlsafe_b64decode
from typing import Any
from xml.etree import ElementTree as ET

from pocketbus.apis.call import Call
from pocketbus.apis.sts.roles import DURATION_SECONDS, in_role
from pocketbus.apis.sts.service import sts
from pocketbus.emulator.errors import EngineError
from pocketbus.rules import json_text

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SESSION_NAME = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
_NAME_FORMATS = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


class InvalidIdentityTokenException(EngineError):
    """The identity token is not valid."""


@sts.operation
def assume_role_with_web_identity(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    policy: str | None = None,
    duration_seconds: int = DURATION_SECONDS,
    minimum_session_token_size: int | None = None,
) -> dict[str, Any]:
    claims = _claims(web_identity_token)
    told = {
        "SubjectFromWebIdentityToken": claims.get("sub"),
        "Audience": claims.get("aud"),
        "Provider": provider_id or claims.get("iss"),
    }
    answer = in_role(call, role_arn, role_session_name, duration_seconds, policy, minimum_session_token_size)
    return answer | {name: value for name, value in told.items() if isinstance(value, str)}


def _claims(token: str) -> dict[str, Any]:
    """Return what a JWT says; a token of another kind, such as tests use, says nothing."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        found = json_text.read(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@sts.operation
def assume_role_with_saml(
    call: Call,
    *,
    role_arn: str,
    saml_assertion: str,
    policy: str | None = None,
    duration_seconds: int = DURATION_SECONDS,
    minimum_session_token_size: int | None = None,
) -> dict[str, Any]:
    document = _document(saml_assertion)
    session_name = _session_name(document)
    answer = in_role(call, role_arn, session_name, duration_seconds, policy, minimum_session_token_size)
    subject = document.find(f".//{_SAML}NameID")
    told = {
        "Subject": None if subject is None else subject.text,
        "SubjectType": None
        if subject is None
        else subject.get("Format", "").removeprefix(_NAME_FORMATS) or None,
        "Issuer": document.findtext(f".//{_SAML}Issuer"),
        "Audience": document.findtext(f".//{_SAML}Audience"),
    }
    return answer | {name: value for name, value in told.items() if value is not None}


def _document(assertion: str) -> ET.Element:
    """Read the response of an identity provider; a document type, which could make it grow, is refused."""
    try:
        text = b64decode(assertion, validate=False)
        if b"<!DOCTYPE" in text:
            raise InvalidIdentityTokenException("Invalid base64 SAMLResponse")
        return ET.fromstring(text)  # noqa: S314 - nothing in it can grow
    except (binascii.Error, ValueError, ET.ParseError) as error:
        raise InvalidIdentityTokenException("Invalid base64 SAMLResponse") from error


def _session_name(document: ET.Element) -> str:
    name = document.findtext(f".//{_SAML}Attribute[@Name='{_SESSION_NAME}']/{_SAML}AttributeValue")
    if not name:
        raise InvalidIdentityTokenException("RoleSessionName is required in AuthnResponse")
    return name.strip()
