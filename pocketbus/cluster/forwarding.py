"""Requests for another node: handed on as they come, and their answers as they come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import aiohttp
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from pocketbus.apis.faults import CUT
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.lease import Holder

FORWARDED: Final = b"x-pocketbus-forwarded"
"""The header by which a node tells another that it takes it for the writer."""
_CONNECT_SECONDS: Final = 1.0
_POST_SECONDS: Final = 10.0
_OF_A_CONNECTION: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
    }
)


class NotThereError(Exception):
    """The other node has not got the request."""


class BrokenOffError(Exception):
    """The other node has not answered the request, which it may have carried out."""


class Forwarding:
    """A node's connections to the others."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=False, keepalive_timeout=15),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            )
        return self._session

    async def forward(
        self, to: Holder, node: str, scope: Scope, receive: Receive, send: Send, body: bytes | None
    ) -> None:
        """Have a node answer a request; where its `body` is not here yet, it is sent on piece by piece.

        The client's Host goes with it, so that answers name the address that it knows. Raise NotThereError,
        BrokenOffError.
        """
        streamed = body is None and _has_body(scope)
        asking = asyncio.ensure_future(
            self._open().request(
                scope["method"],
                _target(to.url, scope),
                headers=_headers(scope, node),
                data=_pieces(receive) if streamed else body or None,
                allow_redirects=False,
            )
        )
        leaving = None if streamed else asyncio.ensure_future(_departure(receive))
        started = False
        try:
            await asyncio.wait([one for one in (asking, leaving) if one], return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                async with asking.result() as answer:
                    await send(_start(answer))
                    started = True
                    await _pass_on(answer, send, leaving)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotThereError(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            if not started:
                raise BrokenOffError(str(error)) from error
            break_off(scope)
        finally:
            for task in (asking, leaving):
                if task is not None:
                    await _dropped(task)

    async def post(self, to: Holder, node: str, path: str, body: bytes) -> bytes:
        """Have a node itself take something, and return what it answers. Raise UnreachableError."""
        headers = {
            FORWARDED.decode(): node,
            "Host": "localhost",
            "Content-Type": "application/json",
        }
        try:
            async with (
                asyncio.timeout(_POST_SECONDS),
                self._open().post(URL(f"{to.url}{path}", encoded=True), data=body, headers=headers) as answer,
            ):
                found = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnreachableError(f"{to.node}: {error}") from error
        if answer.status != 200:
            raise UnreachableError(f"{to.node} answers with {answer.status}")
        return found


def break_off(scope: Scope) -> None:
    """End the connection of a request, so that a part of an answer is not taken for the whole."""
    if CUT in scope.get("state", {}):
        scope["state"][CUT]()


async def _dropped(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
        await task


async def _pass_on(answer: aiohttp.ClientResponse, send: Send, leaving: "asyncio.Future[Any] | None") -> None:
    """Send the answer on as it comes, as long as the client is there."""
    pieces = answer.content.iter_any()
    while True:
        coming = asyncio.ensure_future(anext(pieces, None))
        try:
            if leaving is not None and not leaving.done():
                await asyncio.wait((coming, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() and leaving is not None and leaving.done():
                answer.close()
                return
            piece = await coming
        finally:
            coming.cancel()
        if piece is None:
            break
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _target(url: str, scope: Scope) -> URL:
    path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
    return URL(f"{url}{path}?{query}" if query else f"{url}{path}", encoded=True)


def _headers(scope: Scope, node: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in scope["headers"] if name not in _OF_A_CONNECTION]
    found = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept]
    return [*found, (FORWARDED.decode(), node)]


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _start(answer: aiohttp.ClientResponse) -> Message:
    headers = [(name.lower(), value) for name, value in answer.raw_headers]
    headers = [one for one in headers if one[0] not in _OF_A_CONNECTION and one[0] != b"date"]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client is gone")
        if piece := message.get("body"):
            yield piece
        if not message.get("more_body"):
            return


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
