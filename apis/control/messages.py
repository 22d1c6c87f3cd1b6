"""The messages of a queue: looked at without consuming them, and one of them moved or deleted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from msgspec import to_builtins

from pocketbus.apis.control.look import PAGING, page, place
from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.expression import Matches, compile_expression
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.look import MessageView, messages
from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.queue import Queue

_QUEUE = ("queue", "account", "region")
_SLICE = 100
"""Messages asked between two turns of the event loop."""
_MOST_CHARACTERS = 2**20


async def look(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with messages in the order in which they were sent, bodies cut where `body_limit` has it."""
    queue = _queue(engine, parameters)
    after, limit = place(parameters)
    wanted = parameters.text("message_id")
    expression = parameters.text("matching")
    if wanted is None and expression is None:
        found = list(messages(queue, engine.clock.now(), parameters.text("state"), after, limit + 1))
    else:
        everything = messages(queue, engine.clock.now(), parameters.text("state"))
        selected = _matching(
            everything, wanted, None if expression is None else compile_expression(expression)
        )
        found = [message async for message in _between(selected, after, limit + 1)]
    answer = page("messages", found, after, limit)
    if "body_limit" in parameters:
        characters = parameters.number("body_limit", _MOST_CHARACTERS, _MOST_CHARACTERS)
        for message in answer["messages"]:
            message["body"] = message["body"][:characters]
    return answer


async def _matching(
    everything: Any, message_id: str | None, matches: Matches | None
) -> AsyncIterator[MessageView]:
    for count, message in enumerate(everything, 1):
        if message_id in (None, message.message_id) and (matches is None or matches(to_builtins(message))):
            yield message
        if count % _SLICE == 0:
            await asyncio.sleep(0)


async def _between(
    selected: AsyncIterator[MessageView], after: int, limit: int
) -> AsyncIterator[MessageView]:
    count = 0
    async for message in selected:
        count += 1
        if count > after:
            yield message
        if count == after + limit:
            return


async def delete(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Delete one message, whatever its state."""
    queue = _queue(engine, parameters)
    now = engine.clock.now()
    queue.remove(_message(queue, parameters, now), now)
    return {"deleted": 1}


async def move(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Send one message anew to another queue: the one named, else the one that it was dead-lettered from."""
    queue = _queue(engine, parameters)
    now = engine.clock.now()
    message = _message(queue, parameters, now)
    to = parameters.text("to") or message.dead_letter_source or parameters.required("to")
    target = find(engine, Queue, to, parameters.account(), parameters.region())
    return {"message_id": queue.move(message, target, now), "queue": target.arn}


def _queue(engine: Engine, parameters: Parameters) -> Queue:
    name = parameters.required("queue")
    return find(engine, Queue, name, parameters.account(), parameters.region())


def _message(queue: Queue, parameters: Parameters, now: float) -> Message:
    queue.advance(now)
    message_id = parameters.required("message_id")
    found = next((message for message in queue if message.message_id == message_id), None)
    if found is None:
        raise ResourceNotFoundError(f"The queue {queue.name} holds no message {message_id}.")
    return found


PATHS = (
    Path(
        "/_pocketbus/messages",
        ("GET",),
        (*_QUEUE, "state", "message_id", "matching", "body_limit", *PAGING),
        look,
    ),
    Path("/_pocketbus/messages", ("DELETE",), (*_QUEUE, "message_id"), delete),
    Path("/_pocketbus/messages/move", ("POST",), (*_QUEUE, "message_id", "to"), move),
)
