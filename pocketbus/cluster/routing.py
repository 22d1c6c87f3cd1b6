"""Which shard a request is for: the one of its client's account, or of the account whose resource it names."""

import re
from typing import Final
from zlib import crc32

from starlette.types import Scope

from pocketbus.apis.control.parameters import LED
from pocketbus.apis.dispatch import credential_of
from pocketbus.cluster.naming import account_named

_PARAMETER: Final = re.compile(rb"(?:^|&)(shard|account)=([0-9]{1,12})(?:&|$)")

_FUNCTION: Final = re.compile(r"/_pocketbus/functions/arn:[^:/]*:lambda:[^:/]*:([0-9]{12}):")


def shard_of(account: str, shards: int) -> int:
    """Return the shard of an account, which is the same everywhere and always."""
    return crc32(account.encode()) % shards


def account_of(scope: Scope, body: bytes, account: str) -> str:
    """Return whose queues, topics or buses a request of AWS means; `account` is that of clients that name none."""
    headers = dict(scope["headers"])
    credential = credential_of(headers, scope["query_string"])
    return account_named(scope, headers, body, credential.service) or credential.account or account


def named_shard(scope: Scope, shards: int) -> int | None:
    """Return the shard that a control path is asked of: the one of a number, or that of an account.

    The account is the one that is named, that of a worker's function, or the client's; where there is one shard, it is
    that.
    """
    found = _PARAMETER.search(scope["query_string"])
    if found is None:
        if shards == 1:
            return 0
        function = _FUNCTION.match(scope["path"])
        credential = credential_of(dict(scope["headers"]), scope["query_string"])
        account = credential.account if function is None else function[1]
        return None if account is None else shard_of(account, shards)
    if found[1] == b"account":
        return shard_of(found[2].decode(), shards)
    return int(found[2]) if int(found[2]) < shards else None


def without_shard(scope: Scope) -> Scope:
    """Return the scope without what has led here: no path knows `shard`, and not every one an account."""
    query = scope["query_string"]
    if _PARAMETER.search(query) is None:
        return scope
    kept = [one for one in query.split(b"&") if not one.startswith(b"shard=")]
    return {**scope, "query_string": b"&".join(kept), LED: True}
