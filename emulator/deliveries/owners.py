"""Whose resource a delivery or a call is for, as far as what it names says so."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pocketbus.emulator.arn import ACCOUNT, Arn

_SERVED: Final = frozenset({"sqs", "sns", "events", "lambda", "logs"})
"""The services whose resources are somebody's here; what goes to others is captured where it comes from."""

_QUEUE_URL: Final = re.compile(r"https?://[^/]+/(?:queue/[^/]+/)?([0-9]{12})/", re.ASCII)
_ARNS: Final = ("TopicArn", "TargetArn", "EventBusName", "EventBusArn")


def account_of(arn: str) -> str:
    """Return the account of an ARN, nothing where that is nobody's here."""
    found = Arn.parse(arn)
    named = found is not None and found.service in _SERVED and ACCOUNT.fullmatch(found.account)
    return found.account if found is not None and named else ""


def account_behind(target: str) -> str:
    """Return the account whose shard a delivery to an ARN is for.

    What a custom event bus has let pass, its shard alone knows: between shards events could go round for ever.
    """
    return "" if ":event-busv2/" in target else account_of(target)


def account_in(request: Any) -> str:
    """Return the account of the queue, topic or bus that a request of an API names, nothing where it names none."""
    if not isinstance(request, Mapping):
        return ""
    url = _QUEUE_URL.match(str(request.get("QueueUrl", "")))
    if url is not None:
        return url[1]
    entries = request.get("Entries")
    first = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], Mapping) else {}
    named = (str(one[name]) for one in (request, first) for name in _ARNS if name in one)
    return next(filter(None, map(account_of, named)), "")
