"""Where the nodes hand carriages to the writer of a shard: no path for clients, and none for web pages."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Receive, Scope, Send

from pocketbus.apis.call import DisconnectedError
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import AccessDenied, RequestEntityTooLarge
from pocketbus.apis.codec.json import render
from pocketbus.apis.endpoint import read_body
from pocketbus.apis.guard import Guard
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.forwarding import FORWARDED
from pocketbus.emulator.ids import token

ARRIVALS: Final = "/_pocketbus/cluster/arrivals"
_MOST_BYTES: Final = 64 * 1024 * 1024


class Arriving:
    """Gives what other nodes post to `take`.

    That raises UnreachableError where another node is the writer, and ValueError for what no node sends.
    """

    def __init__(self, guard: Guard, take: Callable[[bytes], Awaitable[bytes]]) -> None:
        self._guard = guard
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except DisconnectedError:
            return
        except (AccessDenied, RequestEntityTooLarge) as error:
            answer = _answer(403, render({"error": error.message}))
        except ValueError as error:
            answer = _answer(400, render({"error": str(error)}))
        except UnreachableError as error:
            answer = _answer(503, render({"error": str(error)}))
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = dict(scope["headers"])
        self._guard.origin_of(scope, headers)
        if scope["method"] != "POST" or FORWARDED not in headers:
            raise AccessDenied("This path is for the nodes of the cluster.")
        return _answer(200, await self._take(await read_body(headers, receive, _MOST_BYTES)))


def _answer(status: int, content: bytes) -> Answer:
    return Answer(status, b"application/json", token(), content)
