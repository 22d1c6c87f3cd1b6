"""Whose resource a request names, where it names one: a queue by its URL, a topic, a bus or a function by its ARN."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final
from urllib.parse import unquote_plus

import orjson
from msgspec import DecodeError, Struct
from msgspec.json import Decoder
from starlette.types import Scope

from pocketbus.apis.call import Headers
from pocketbus.apis.sqs.urls import account_in
from pocketbus.emulator.arn import ACCOUNT
from pocketbus.emulator.deliveries.owners import account_of

_FUNCTION: Final = re.compile(r"/20[0-9-]{8}/(?:functions|tags)/(?:arn:[^:/]+:lambda:[^:/]+:)?([0-9]{12}):")
"""A function's ARN, or what of it begins with the account."""
_QUEUES: Final = b"AmazonSQS."
_EVENTS: Final = b"AWSEvents."
_PUT_EVENTS: Final = b"AWSEvents.PutEvents"
_OF_TOPICS: Final = frozenset(
    (
        b"TopicArn",
        b"TargetArn",
        b"SubscriptionArn",
        b"ResourceArn",
        b"PlatformApplicationArn",
        b"EndpointArn",
    )
)
_OF_QUEUES: Final = (b"QueueUrl", b"QueueOwnerAWSAccountId")
_OF_BUSES: Final = ("EventBusName", "ResourceARN", "Name")
_LONGEST: Final = 2048
"""What is longer names nothing."""


class _Queue(Struct):
    """What names a queue in JSON; everything else is passed over."""

    QueueUrl: Any = None
    QueueOwnerAWSAccountId: Any = None


_queue = Decoder(_Queue)


def account_named(scope: Scope, headers: Headers, body: bytes, service: str | None) -> str:
    """Return the account of what a request is about, nothing where it names nobody; it is signed for a `service`."""
    path = scope["path"]
    if path != "/":
        if queue := account_in(path):
            return queue
        if (function := _FUNCTION.match(path)) is not None:
            return function[1]
    target, query_string = headers.get(b"x-amz-target", b""), scope["query_string"]
    if target.startswith(_EVENTS):
        return _of_bus(body, several=target == _PUT_EVENTS)
    if not target and service in {None, "sns"}:
        named = _in_form(body, _OF_TOPICS, account_of) or _in_form(query_string, _OF_TOPICS, account_of)
        if named or service:
            return named
    if target.startswith(_QUEUES) or body.startswith(b"{"):
        return _of_queue(body)
    return _in_form(body, _OF_QUEUES, _account_of_queue) or _in_form(
        query_string, _OF_QUEUES, _account_of_queue
    )


def _in_form(form: bytes, names: Collection[bytes], account: Callable[[str], str]) -> str:
    """Find the account among the members of a form."""
    for member in form.split(b"&"):
        name, _, value = member.partition(b"=")
        if name in names and (found := account(unquote_plus(value[:_LONGEST].decode("latin-1")))):
            return found
    return ""


def _of_queue(body: bytes) -> str:
    """Find the account in JSON."""
    try:
        request = _queue.decode(body)
    except (DecodeError, RecursionError):
        return ""
    named = (request.QueueUrl, request.QueueOwnerAWSAccountId)
    return next(filter(None, (_account_of_queue(one) for one in named if isinstance(one, str))), "")


def _account_of_queue(named: str) -> str:
    """Return the account of a queue's URL, or itself."""
    return named if ACCOUNT.fullmatch(named) else account_in(named)


def _of_bus(body: bytes, *, several: bool) -> str:
    """Find the account in JSON; where each entry names a bus, all of them have to be of the same one."""
    if b":events:" not in body:
        return ""
    try:
        request = orjson.loads(body)
        found = set(_accounts(request["Entries"] if several else [request]))
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return ""
    return found.pop() if len(found) == 1 else ""


def _accounts(parts: list[dict[str, object]]) -> Iterator[str]:
    for part in parts:
        named = (account_of(str(part.get(name, ""))) for name in _OF_BUSES)
        yield next(filter(None, named), "")
