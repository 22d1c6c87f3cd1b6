"""Whose resource a request names, where it names one: a queue by its URL, a topic, a bus or a function by its ARN."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

import orjson
from starlette.types import Scope

from pocketbus.apis.call import Headers
from pocketbus.emulator.deliveries.owners import account_of

_PATH: Final = re.compile(r"/([0-9]{12})/")
_FUNCTION: Final = re.compile(r"/20[0-9-]{8}/(?:functions|tags)/(arn:[^/]+)")
_QUEUE_URL: Final = re.compile(rb"QueueUrl[^&,}]{0,300}?(?:/|%2[Ff])([0-9]{12})(?:/|%2[Ff])")
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
_OF_BUSES: Final = ("EventBusName", "ResourceARN", "Name")


def account_named(scope: Scope, headers: Headers, body: bytes, service: str | None) -> str:
    """Return the account of what a request is about, nothing where it names nobody; it is signed for a `service`."""
    path = scope["path"]
    if path != "/":
        if (queue := _PATH.match(path)) is not None:
            return queue[1]
        if (function := _FUNCTION.match(path)) is not None:
            return account_of(function[1])
    target, query_string = headers.get(b"x-amz-target", b""), scope["query_string"]
    if target.startswith(_EVENTS):
        return _of_bus(body, several=target == _PUT_EVENTS)
    if not target and service in {None, "sns"}:
        named = _of_topic(body) or _of_topic(query_string)
        if named or service:
            return named
    url = _QUEUE_URL.search(body) or _QUEUE_URL.search(query_string)
    return "" if url is None else url[1].decode()


def _of_topic(form: bytes) -> str:
    """Find the account among the members of a form."""
    for member in form.split(b"&"):
        name, _, value = member.partition(b"=")
        if name in _OF_TOPICS and (found := account_of(unquote_plus(value[:1024].decode("latin-1")))):
            return found
    return ""


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
