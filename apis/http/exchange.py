"""One request and, where it is not answered at once, its way through an ASGI application."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct
from starlette.types import ASGIApp, Message, Scope

from pocketbus.apis.call import DisconnectedError
from pocketbus.apis.http.message import CHUNKED, CLOSE, LAST_CHUNK, STATUS_LINES, written

_NO_BODY = frozenset({204, 304})
_FAILED = b"Internal Server Error\n"
_log = logging.getLogger("pocketbus")


class Channel(Protocol):
    """What an exchange needs of its connection."""

    @property
    def date(self) -> bytes: ...
    @property
    def lost(self) -> bool: ...
    def ask_for_body(self, exchange: "Exchange") -> None: ...
    def goes_on_after(self, exchange: "Exchange") -> bool: ...
    async def writable(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def log(self, scope: Scope, status: int) -> None: ...
    def finish(self, exchange: "Exchange") -> None: ...


class Exchange(Struct, eq=False):
    """Gathers the body until the application takes it or, when it is whole, the request is answered at once."""

    _channel: Channel
    scope: Scope
    headers: Mapping[bytes, bytes]
    """The headers by name."""
    keep_alive: bool
    expects_continue: bool
    """The client waits for leave to send the body."""
    body: bytes | bytearray = b""
    received: int = 0
    complete: bool = False
    streamed: bool = False
    """The application takes the body as it arrives."""
    started: bool = False
    answered: bool = False
    left: bool = False
    """The client is gone, or sends nothing more."""
    _taken_whole: bool = False
    _news: asyncio.Event | None = None
    _start: Message | None = None
    _chunked: bool = False

    def take(self, data: bytes) -> None:
        """Gather a piece of the body; after the answer nobody wants it."""
        self.received += len(data)
        self.expects_continue = False
        if self.answered:
            return
        if not self.body:
            self.body = data
        elif isinstance(self.body, bytes):
            self.body = bytearray(self.body) + data
        else:
            self.body += data
        self.wake()

    def wake(self) -> None:
        if self._news is not None:
            self._news.set()

    def leave(self) -> None:
        self.left = True
        self.wake()

    async def run(self, app: ASGIApp) -> None:
        """Have an application answer; what it fails at is answered for it, and logged."""
        try:
            await app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:
            self.left = True  # the server ends
        except DisconnectedError:
            self.left = True
        except Exception:  # noqa: BLE001 - a defect ends one request
            _log.exception("%s %s failed", self.scope["method"], self.scope["path"])
        if not (self.started or self.left):
            await self._fail()
        self._channel.finish(self)

    async def _fail(self) -> None:
        self._start = None
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(_FAILED)),
        ]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": _FAILED})

    async def receive(self) -> Message:
        while not self.answered:
            if self.body or (self.complete and not self._taken_whole):
                body, self.body = self.body, b""
                self._taken_whole = self.complete
                return {"type": "http.request", "body": bytes(body), "more_body": not self.complete}
            if self.left:
                break
            if not self.complete:
                self._channel.ask_for_body(self)
            if self._news is None:
                self._news = asyncio.Event()
            self._news.clear()
            await self._news.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Write an answer; its head leaves with the first piece of its body."""
        await self._channel.writable()
        if self._channel.lost:
            return
        if message["type"] == "http.response.start" and self._start is None:
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None and not self.answered:
            self._send(self._start, message.get("body", b""), more=message.get("more_body", False))
        else:
            raise RuntimeError(f"{message['type']} has no place here")

    def _send(self, start: Message, body: bytes, *, more: bool) -> None:
        head = b"" if self.started else self._head(start)
        self.started = True
        self.answered = not more
        self._channel.write(head + self._piece(start, body, more=more))
        if self.answered:
            self.wake()

    def _head(self, start: Message) -> bytes:
        status, headers = start["status"], list(start.get("headers", ()))
        self._channel.log(self.scope, status)
        framed = self._has_no_body(status) or any(name.lower() == b"content-length" for name, _ in headers)
        self._chunked = not framed and self.scope["http_version"] == "1.1"
        if not (framed or self._chunked):
            self.keep_alive = False  # the end of the connection is the end of the body
        if self.expects_continue:
            self.keep_alive = False  # the client may send the body now, or the next request
        fields = written(headers)
        if self._chunked:
            fields += CHUNKED
        if not self._channel.goes_on_after(self):
            fields += CLOSE
        return b"%b%b%b\r\n" % (STATUS_LINES[status], self._channel.date, fields)

    def _has_no_body(self, status: int) -> bool:
        return self.scope["method"] == "HEAD" or status in _NO_BODY

    def _piece(self, start: Message, body: bytes, *, more: bool) -> bytes:
        if self._has_no_body(start["status"]):
            return b""
        if not self._chunked:
            return body
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return chunk if more else chunk + LAST_CHUNK
