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
from pocketbus.emulator.inspection.look import LISTS, is_of
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic import Topic

PAGING = ("limit", "after")
_NAMED: dict[str, type[Any]] = {"queues": Queue, "topics": Topic, "buses": Bus}
_MOST_AFTER = 10**9


async def look(noun: str, engine: Engine, parameters: Parameters) -> dict[str, Any]:
    after, limit = place(parameters)
    if "name" in parameters:
        return page(noun, [_named(noun, engine, parameters)], 0, limit)
    if noun == "queues":
        for resource in list(engine.resources.values()):
            if isinstance(resource, Queue):
                await resource.settled()
    account, region = parameters.account(), parameters.region()
    listed = LISTS[noun](engine, engine.clock.now())
    items = (item for item in listed if is_of(item, account, region))
    return page(noun, list(islice(items, after, after + limit + 1)), after, limit)


def _named(noun: str, engine: Engine, parameters: Parameters) -> Any:
    """Return the one queue, topic or bus that a name, an ARN or a queue's URL means."""
    names = (parameters.required("name"), parameters.account(), parameters.region())
    arn = find(engine, _NAMED[noun], *names).arn
    return next(one for one in LISTS[noun](engine, engine.clock.now()) if one.arn == arn)


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
