"""Looking at what there is, page by page, without consuming any of it."""

from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.look import LISTS, is_of, messages
from pocketbus.emulator.queues.queue import Queue

_PAGING = ("limit", "after")
_MOST_AFTER = 10**9


async def look(noun: str, engine: Engine, parameters: Parameters) -> dict[str, Any]:
    after, limit = _place(parameters)
    if noun == "queues":
        for resource in list(engine.resources.values()):
            if isinstance(resource, Queue):
                await resource.settled()
    account, region = parameters.account(), parameters.region()
    listed = LISTS[noun](engine, engine.clock.now())
    items = (item for item in listed if is_of(item, account, region))
    return _page(noun, list(islice(items, after, after + limit + 1)), after, limit)


async def look_at_messages(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    queue = find(
        engine,
        Queue,
        parameters.required("queue"),
        parameters.account(),
        parameters.region(),
    )
    after, limit = _place(parameters)
    await queue.settled()
    found = messages(queue, engine.clock.now(), parameters.text("state"), after, limit + 1)
    return _page("messages", list(found), after, limit)


def _place(parameters: Parameters) -> tuple[int, int]:
    return parameters.number("after", 0, _MOST_AFTER), parameters.number("limit", ITEMS, MOST_ITEMS, least=1)


def _page(noun: str, page: list[Any], after: int, limit: int) -> dict[str, Any]:
    """Answer with `limit` items after the first `after`; `next` is what to give as `after` for more."""
    return {
        noun: [asdict(item) for item in page[:limit]],
        "next": after + limit if len(page) > limit else None,
    }


PATHS = (
    *(
        Path(f"/_pocketbus/{noun}", ("GET",), ("account", "region", *_PAGING), partial(look, noun))
        for noun in LISTS
    ),
    Path(
        "/_pocketbus/messages",
        ("GET",),
        ("queue", "account", "region", "state", *_PAGING),
        look_at_messages,
    ),
)
