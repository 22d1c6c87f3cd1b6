"""The logs of custom event buses: what is in one, the newest event of each key, and a subscriber set back."""

from typing import Any

from msgspec import to_builtins

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.logs import (
    compacted,
    events,
    find_custom_bus,
    find_subscriber,
    page,
    position_of,
    subscriber_view,
)

_MOST_POSITION = 10**18


async def read(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with `limit` events from the position `since` on; `next` is what to give as `since` for more."""
    since = parameters.number("since", 0, _MOST_POSITION)
    found, following = await page(events(_bus(engine, parameters), since), _limit(parameters))
    return {"events": [to_builtins(one) for one in found], "next": following}


async def compact(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with the newest event of each key, `limit` at most, from the position `since` on."""
    since, limit = parameters.number("since", 0, _MOST_POSITION), _limit(parameters)
    newest = compacted(_bus(engine, parameters), parameters.required("key"))
    found, following = await page((one async for one in newest if one.position >= since), limit)
    return {"events": [to_builtins(one) for one in found], "next": following}


async def rewind(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Let a subscriber go on from a position, an instant (`at`) or the earliest event, and answer with how it is."""
    subscriber = find_subscriber(
        engine, parameters.required("subscriber"), parameters.account(), parameters.region()
    )
    if "position" in parameters and "at" in parameters:
        raise ParameterError("Give one of position and at.")
    position = parameters.number("position", 0, _MOST_POSITION) if "position" in parameters else None
    bus = find_custom_bus(engine, subscriber.bus_arn, None, None)
    subscriber.rewind(position_of(bus, parameters.instant("at"), position))
    shown: dict[str, Any] = to_builtins(subscriber_view(subscriber, engine.clock.now()))
    return shown


def _bus(engine: Engine, parameters: Parameters) -> CustomBus:
    return find_custom_bus(engine, parameters.required("bus"), parameters.account(), parameters.region())


def _limit(parameters: Parameters) -> int:
    return parameters.number("limit", ITEMS, MOST_ITEMS, least=1)


_PLACE = ("account", "region")

PATHS = (
    Path("/_pocketbus/log", ("GET",), ("bus", "since", "limit", *_PLACE), read),
    Path("/_pocketbus/compacted", ("GET",), ("bus", "key", "since", "limit", *_PLACE), compact),
    Path("/_pocketbus/log/rewind", ("POST",), ("subscriber", "position", "at", *_PLACE), rewind),
)
