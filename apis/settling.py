"""Queues of which much is due at once: it is moved in slices, and requests wait for the end of that, not everybody.

An operation asks for its queue first of all. If more is due there than a slice of work, the operation ends before it
has done anything, and is carried out anew when the queue has come to the present.
"""

from types import CoroutineType
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.service import Route
from pocketbus.apis.taking import perform
from pocketbus.emulator.queues.queue import Queue


class UnsettledError(Exception):
    """A queue has to move more of what is due than at once; nothing has been done."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue.arn)
        self.queue = queue


def settled(queue: Queue, call: Call) -> Queue:
    """Return the queue as it is at the instant of the call. Raise UnsettledError."""
    if not queue.settle(call.now):
        raise UnsettledError(queue)
    return queue


def perform_at_once(route: Route, call: Call, params: Params) -> Any:
    """Carry an operation out for somebody who cannot wait: what stands in its way is done in one go."""
    while True:
        try:
            return perform(route, call, params)
        except UnsettledError as error:
            error.queue.advance(call.now)


async def perform_when_settled(error: UnsettledError, route: Route, call: Call, params: Params) -> Any:
    """Carry an operation out, at an instant of its own, once what stood in its way is done."""
    while True:
        await call.engine.door.outside(error.queue.settled())
        call.now = call.engine.clock.now()
        try:
            result = perform(route, call, params)
        except UnsettledError as another:
            error = another
        else:
            return await result if type(result) is CoroutineType else result
