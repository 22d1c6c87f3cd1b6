"""Queue URLs: the one we emit, and every form clients send."""

import re
from functools import lru_cache
from typing import NamedTuple

from pocketbus.apis.call import Call
from pocketbus.emulator.errors import QueueDoesNotExist
from pocketbus.emulator.queue import Queue

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_URL = re.compile(
    rf"""(?:https?://)?
    (?: (?:sqs|(?P<standard>{_REGION})\.queue|queue) \. (?P<domain>{_REGION})? [^/]* | [^/]* )
    (?: /queue/(?P<path>{_REGION}) )?
    / (?P<account>\d{{12}}) / (?P<name>[^/?]+) /? (?:\?.*)? \Z""",
    re.VERBOSE,
)


class QueueAddress(NamedTuple):
    """Where a queue is; None stands for the caller's own account or region."""

    region: str | None
    account: str | None
    name: str


def queue_url(call: Call, queue: Queue) -> str:
    return f"{call.base_url}/{queue.owner}/{queue.name}"


def find_queue(call: Call, url: str) -> Queue:
    """Find the queue a URL names, whatever its host; a bare name is one of the caller's own queues."""
    region, account, name = parse(url)
    scope = call.scope
    if (account or region) and (account != scope.account or region not in {None, scope.region}):
        scope = call.engine.scope(account or scope.account, region or scope.region)
    queue = scope.queues.get(name)
    if queue is None:
        raise QueueDoesNotExist
    return queue


@lru_cache(maxsize=4096)
def parse(url: str) -> QueueAddress:
    """Take apart any of the URL forms.

    >>> parse("http://localhost:4566/000000000000/orders")
    QueueAddress(region=None, account='000000000000', name='orders')
    >>> parse("http://sqs.eu-west-1.localhost:4566/000000000000/orders").region
    'eu-west-1'
    >>> parse("http://localhost:4566/queue/eu-west-1/000000000000/orders").region
    'eu-west-1'
    >>> parse("orders")
    QueueAddress(region=None, account=None, name='orders')
    """
    match = _URL.match(url)
    if match is None:
        return QueueAddress(None, None, url)
    region = match["path"] or match["domain"] or match["standard"]
    return QueueAddress(region, match["account"], match["name"])
