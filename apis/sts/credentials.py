"""Temporary credentials. Nothing of them is kept: the key holds the account, the token who it stands for."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any, NamedTuple

from pocketbus.apis.call import Call
from pocketbus.emulator.access_key import access_key
from pocketbus.emulator.arn import Arn, partition_of
from pocketbus.emulator.errors import EngineError
from pocketbus.rules import json_text


class MalformedPolicyDocumentException(EngineError):
    """This policy contains invalid Json"""


class AccessDenied(EngineError):
    """The operation is not for these credentials."""


class Identity(NamedTuple):
    """Who a request comes from, in the caller's account."""

    arn: str
    user_id: str


def caller(call: Call) -> Identity:
    """Return who the session token of a request stands for; without one of ours, it is the account's root."""
    identity = _read_token(call.session_token)
    if identity is not None and f"::{call.scope.account}:" in identity.arn:
        return identity
    return Identity(_global_arn(call, "iam", call.scope.account, "root"), call.scope.account)


def in_session(call: Call) -> bool:
    """Tell whether the caller's credentials are temporary ones that were issued here."""
    return _read_token(call.session_token) is not None


def federated_user(call: Call, name: str) -> Identity:
    account = call.scope.account
    return Identity(_global_arn(call, "sts", account, f"federated-user/{name}"), f"{account}:{name}")


def assumed_role(role: Arn, session_name: str) -> Identity:
    """Return who somebody is in a role. The role has no id that was given to it: one is made from its ARN."""
    name = role.resource.rpartition("/")[2]
    arn = role._replace(service="sts", region="", resource=f"assumed-role/{name}/{session_name}")
    digest = sha256(str(role).encode()).hexdigest().upper()
    return Identity(str(arn), f"AROA{digest[:17]}:{session_name}")


def credentials(
    call: Call, identity: Identity, account: str, duration_seconds: int, minimum_token_size: int | None
) -> dict[str, Any]:
    """Return what an operation answers: credentials, and the size of their token."""
    ids = call.engine.ids.answers
    token = _write_token(identity).ljust(minimum_token_size or 0, "=")
    return {
        "Credentials": {
            "AccessKeyId": access_key(account, ids.bits(23)),
            "SecretAccessKey": ids.hex(40),
            "SessionToken": token,
            "Expiration": call.now + duration_seconds,
        },
        "SessionTokenSize": len(token),
    }


def check_policy(policy: str | None) -> None:
    """A policy has no effect, but has to be JSON."""
    if policy is None:
        return
    try:
        found = json_text.read(policy)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MalformedPolicyDocumentException


def _global_arn(call: Call, service: str, account: str, resource: str) -> str:
    return str(Arn(partition_of(call.scope.region), service, "", account, resource))


def _write_token(identity: Identity) -> str:
    return urlsafe_b64encode(json.dumps(identity).encode()).decode("ascii").rstrip("=")


def _read_token(token: str | None) -> Identity | None:
    text = (token or "").rstrip("=")
    try:
        arn, user_id = json_text.read(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        return None
    return Identity(str(arn), str(user_id))
