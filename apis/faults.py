"""Faults on the wire: what happens to a request before, instead of and after its operation."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from types import CoroutineType
from typing import Any

from starlette.types import Receive, Scope

from pocketbus.apis.call import Call
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.service import Route
from pocketbus.apis.settling import UnsettledError, perform_when_settled
from pocketbus.apis.taking import in_steps
from pocketbus.emulator.trouble.effects import Cut, Error, Latency, Throttle
from pocketbus.emulator.trouble.incident import Incident

CUT = "pocketbus.cut"
"""Where in a scope's state the server puts the function that breaks its connection off."""

BATCHES = frozenset(
    {
        "SendMessageBatch",
        "DeleteMessageBatch",
        "ChangeMessageVisibilityBatch",
        "PublishBatch",
        "PutEvents",
        "PutPartnerEvents",
        "PutRawEvents",
    }
)
"""The operations that ask for each of their entries whether a fault strikes at it (`Call.check_entry`)."""

_NAMING = re.compile(r"(Url|Arn|ARN|Name|NameOrArn)$|^(Rule|Destination|Endpoint)$")


class CutError(Exception):
    """The connection is to end without an answer."""


def perform(route: Route, call: Call, params: Params) -> Coroutine[Any, Any, Any]:
    """Carry an operation out, or not, as the faults that are set have it. Raise CutError, EngineError."""
    return in_steps(route, call, params, perform_in_steps(route, call, params))


async def perform_in_steps(route: Route, call: Call, params: Params) -> Any:
    """Do so, as the work of a course."""
    door, faults = call.engine.door, call.engine.faults
    call.incident = incident = incident_of(route, call, params)
    cut_after = False
    number = 0
    while struck := door.once(partial(faults.next_of_request, incident, number)):
        number, effect = struck
        match effect:
            case Latency(delay):
                await call.while_connected(door.outside(asyncio.sleep(delay)))
                call.now = call.engine.clock.now()
            case Cut("before"):
                raise CutError
            case Cut():
                cut_after = True
            case Error() | Throttle():
                raise effect.error(route.service)
    try:
        result = route.perform(call, params)
    except UnsettledError as error:
        result = await perform_when_settled(error, route, call, params)
    if type(result) is CoroutineType:
        result = await result
    if cut_after:
        raise CutError
    return result


async def cut(scope: Scope, receive: Receive) -> None:
    """Break the connection off, where the server offers it, and wait until it has ended."""
    break_off: Callable[[], None] | None = scope.get("state", {}).get(CUT)
    if break_off is not None:
        break_off()
        while (await receive())["type"] != "http.disconnect":
            pass


def incident_of(route: Route, call: Call, params: Params) -> Incident:
    """Return what faults may strike at in a request."""
    scope = call.scope
    resources = tuple(dict.fromkeys(_resources(params)))
    return Incident(
        route.service, route.operation.name, resources, scope.account, scope.region, call.request_id
    )


def _resources(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a request names: by its URL, its ARN or its name, the entries of a batch included."""
    for name, value in params.items():
        if isinstance(value, str) and _NAMING.search(name):
            yield value
        elif name == "Entries":
            for entry in value:
                yield from _resources(entry)
