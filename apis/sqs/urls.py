"""Queue URLs: those we emit, and every form clients send."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from pocketbus.apis.call import Call
from pocketbus.apis.missing import missing
from pocketbus.apis.remembered import Remembered
from pocketbus.apis.settling import settled
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import InvalidAddress, QueueDoesNotExist
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.scope import Scope

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_URL = re.compile(
    rf"""(?:https?://)?
    (?: (?:sqs|(?P<standard>{_REGION})\.queue|queue) \. (?P<domain>{_REGION})? [^/]* | [^/]* )
    (?: /queue/(?P<path>{_REGION}) )?
    / (?P<account>\d{{12}}) / (?P<name>[^/?]+) /? (?:\?.*)? \Z""",
    re.VERBOSE,
)
_LONGEST = 2048
"""What is longer names no queue: what is remembered of it has an end too."""
_SUBDOMAIN = re.compile(rf"(?:sqs\.{_REGION}|{_REGION}\.queue|queue)\.")
_IP_ADDRESS = re.compile(r"[\d.]+(?::\d+)?|\[.*")

# What SQS_ENDPOINT_STRATEGY can name, beside "dynamic": the host that the client addressed, as it is.
_FORMS = {
    "standard": "{scheme}://sqs.{region}.{host}/{account}/{name}",
    "domain": "{scheme}://{region}.queue.{host}/{account}/{name}",
    "path": "{scheme}://{host}/queue/{region}/{account}/{name}",
}


class QueueAddress(NamedTuple):
    """Where a queue is; None stands for the caller's own account or region."""

    region: str | None
    account: str | None
    name: str


def queue_url(call: Call, queue: Queue) -> str:
    """Return the URL of a queue as we emit it."""
    return url_of(call, queue.arn.split(":", 4)[3], queue.owner, queue.name)


def url_of(call: Call, region: str, account: str, name: str) -> str:
    """Return a URL in the configured form; an IP address has no subdomains and stays as it is.

    A URL that would name another region, or none where that means another, has the region in its path.
    """
    config = call.engine.config
    form = config.sqs_endpoint_strategy
    scheme, authority = urlsplit(call.base_url)[:2]
    host = _SUBDOMAIN.sub("", authority, count=1)
    if form not in _FORMS or (form != "path" and _IP_ADDRESS.fullmatch(host)):
        url = f"{call.base_url}/{account}/{name}"
        if (parse(url).region or config.region) == region:
            return url
        form = "path"
    return _FORMS[form].format(scheme=scheme, host=host, region=region, account=account, name=name)


def find_queue(call: Call, url: str) -> Queue:
    """Find the queue a URL names, whatever its host; a bare name is one of the caller's own queues.

    A URL that names no region means the one that the request is signed for, and no other. Raise UnsettledError where
    the queue is not yet what it is at the instant of the call.
    """
    region, account, name = parse(url)
    own = call.scope
    scope: Scope | None = own
    if (account and account != own.account) or (region and region != own.region):
        scope = call.engine.existing(account or own.account, region or own.region)
    queue = scope.sqs.queues.get(name) if scope is not None else None
    if queue is None:
        arn = Arn.of("sqs", region or call.scope.region, account or call.scope.account, name)
        raise missing(call, QueueDoesNotExist(), str(arn))
    return settled(queue, call)


def is_queue_url(url: str) -> bool:
    """Tell whether a URL, or the path of one, is a queue's."""
    return _URL.match(url) is not None


def parse(url: str) -> QueueAddress:
    """Take apart any of the URL forms; raise InvalidAddress for a URL in none of them.

    >>> parse("http://localhost:4566/000000000000/orders")
    QueueAddress(region=None, account='000000000000', name='orders')
    >>> parse("http://sqs.eu-west-1.localhost:4566/000000000000/orders").region
    'eu-west-1'
    >>> parse("http://localhost:4566/queue/eu-west-1/000000000000/orders").region
    'eu-west-1'
    >>> parse("orders")
    QueueAddress(region=None, account=None, name='orders')
    """
    return _addresses[url[:_LONGEST]]


def _parse(url: str) -> QueueAddress:
    match = _URL.match(url)
    if match is not None:
        region = match["path"] or match["domain"] or match["standard"]
        return QueueAddress(region, match["account"], match["name"])
    if "/" in url:
        raise InvalidAddress(f"The address {url} is not valid for this endpoint.")
    return QueueAddress(None, None, url)


def account_in(url: str) -> str:
    """Return the account that a URL or its path names, nothing where it names none.

    >>> account_in("/queue/eu-west-1/000000000000/orders"), account_in("orders")
    ('000000000000', '')
    """
    try:
        return parse(url).account or ""
    except InvalidAddress:
        return ""


_addresses = Remembered(_parse, _LONGEST, 4096)
