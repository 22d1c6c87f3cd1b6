"""Looking at what there is, page by page, without consuming any of it."""

from functools import partial
from itertools import islice
from typing import Any

from msgspec import to_builtins

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.lists import LISTS, Listed
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic import Topic

PAGING = ("limit", "after")
_NAMED: dict[str, type[Any]] = {"queues": Queue, "topics": Topic, "buses": Bus}
_MOST_AFTER = 10**9


async def look(noun: str, engine: Engine, parameters: Parameters) -> dict[str, Any]:
    after, limit = place(parameters)
    if "name" in parameters:
        return page(noun, [await _named(noun, engine, parameters)], 0, limit)
    account, region = parameters.account(), parameters.region()
    listed = LISTS[noun](engine, engine.clock.now())
    found = list(islice((one for one in listed if one.is_of(account, region)), after, after + limit + 1))
    return page(noun, [await _shown(one, engine) for one in found], after, limit)


async def _named(noun: str, engine: Engine, parameters: Parameters) -> Any:
    """Return the one queue, topic or bus that a name, an ARN or a queue's URL means."""
    names = (parameters.required("name"), parameters.account(), parameters.region())
    arn = find(engine, _NAMED[noun], *names).arn
    return await _shown(
        next(one for one in LISTS[noun](engine, engine.clock.now()) if one.place == arn), engine
    )


async def _shown(listed: Listed, engine: Engine) -> Any:
    """Show a thing; a queue first moves what is due, in slices where it is much."""
    resource = engine.resources.get(listed.place) if isinstance(listed.place, str) else None
    if isinstance(resource, Queue):
        await resource.settled()
    return listed.show()


def place(parameters: Parameters) -> tuple[int, int]:
    return parameters.number("after", 0, _MOST_AFTER), parameters.number("limit", ITEMS, MOST_ITEMS, least=1)


def page(noun: str, page: list[Any], after: int, limit: int) -> dict[str, Any]:
    """Answer with `limit` items after the first `after`; `next` is what to give as `after` for more."""
    return {
        noun: [to_builtins(item) for item in page[:limit]],
        "next": after + limit if len(page) > limit else None,
    }


PATHS = tuple(
    Path(
        f"/_pocketbus/{noun}",
        ("GET",),
        (*(("name",) if noun in _NAMED else ()), "account", "region", *PAGING),
        partial(look, noun),
    )
    for noun in LISTS
)
