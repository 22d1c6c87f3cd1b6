"""Reads requests, what is not plain with httptools, within bounds; puts them in line when they can be carried out."""

from collections import deque
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from starlette.types import Scope

from pocketbus.apis.http import plain
from pocketbus.apis.http.exchange import Channel, Exchange
from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.message import Refusal, check, size_of, target_of, without_upgrade

Line = deque[Exchange | Refusal]


class Reader:
    """The requests of one connection, in order.

    A request is in line when it is whole. One with a longer body than is gathered is there before that.
    """

    __slots__ = (
        "_channel",
        "_fed",
        "_headers",
        "_like",
        "_limits",
        "_line",
        "_longest_head",
        "_missing",
        "_parser",
        "_start",
        "_told",
        "_unseen",
        "_url",
        "_url_size",
        "arriving",
        "begun",
        "last",
        "scope",
    )

    def __init__(self, limits: Limits, line: Line, channel: Channel) -> None:
        self._limits = limits
        self._line = line
        self._channel = channel
        self.scope: Scope = {}
        """What is the same in the scope of each request."""
        self._parser = self._new_parser()
        self._url: list[bytes] = []
        self._url_size = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._fed = 0  # the bytes among which the head is
        self._unseen = 0  # of these, what the parser may hold without having told of it
        self._told: tuple[int, int, int] | None = None
        self._missing = 0  # bytes of the body of a plain request
        self._longest_head = plain.longest_head(limits)
        self._start = b""  # the first line of the latest plain request
        self._like: dict[str, Any] = {}  # its scope, but for the headers
        self.begun = False
        self.arriving: Exchange | None = None  # its head is here, its body is not
        self.last = False  # what else comes is no request

    def _new_parser(self) -> HttpRequestParser:
        parser = HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is passed over
        return parser

    def feed(self, data: bytes) -> None:
        """Read; raise Refusal for what is no request."""
        if self._missing:
            self._take_body(data)
        elif self.begun or not self._read_plain(data):
            self._parse(data)

    def _read_plain(self, data: bytes) -> bool:
        """Read a plain request, or what has come of it; return False for what is to be parsed."""
        parts = plain.parts_of(data, self._longest_head)
        if parts is None:
            return False
        start, headers, fields, body, missing = parts
        limits, size = self._limits, len(body)
        if len(headers) > limits.headers or size + missing > limits.body:
            return False
        if start != self._start:
            scope = plain.scope_of(start)
            if scope is None:
                return False
            self._start, self._like = start, {**self.scope, **scope, "headers": ()}
        scope = self._like.copy()
        scope["headers"] = headers
        exchange = Exchange(self._channel, scope, fields, True, False, body, size, not missing)
        if missing:
            self.begun, self.arriving, self._missing = True, exchange, missing
        else:
            self._line.append(exchange)
        return True

    def _take_body(self, data: bytes) -> None:
        """Gather what was missing of a plain request."""
        exchange, size = self.arriving, self._missing
        if exchange is None:
            return
        exchange.take(data[:size])
        self._missing -= min(size, len(data))
        if not self._missing:
            self.on_message_complete()
            if len(data) > size:
                self.feed(data[size:])

    def _parse(self, data: bytes) -> None:
        self._fed = self._fed + len(data) if self.begun else len(data)
        pieces: list[bytes | memoryview] = [data]
        while pieces:
            piece = pieces.pop()
            try:
                self._parser.feed_data(piece)
            except HttpParserUpgrade as stop:
                # The parser leaves what follows to another protocol. It is HTTP/1.1 to a new one, which is told the
                # same head without the offer.
                old, self._parser = self._parser, self._new_parser()
                url = b"".join(self._url)
                head = without_upgrade(old.get_method(), url, old.get_http_version(), self._headers)
                pieces += (memoryview(piece)[stop.args[0] :], head)
            except HttpParserError as error:
                reason = error.__context__
                if isinstance(reason, Refusal):
                    raise reason from None
                raise Refusal(400, f"This is no HTTP/1.1: {error}.") from error
        if self.begun:
            self._check_growth(len(data))

    def close(self) -> None:
        """Let go of what holds this reader, or its connection."""
        del self._parser
        self.scope = self._like = {}

    def _check_growth(self, size: int) -> None:
        """Raise Refusal if a request that is not whole yet is too large already.

        Of a header whose end has not come, the parser tells nothing: it may hold as much as was fed in silence.
        """
        exchange = self.arriving
        told = (self._url_size, len(self._headers), 0 if exchange is None else exchange.received)
        self._unseen = self._unseen + size if told == self._told else 0
        self._told = told
        if exchange is None:
            self._check_url()
        self._check_headers(self._unseen)

    def _check_url(self) -> None:
        if self._url_size > self._limits.url:
            raise Refusal(414, f"The target of the request is longer than {self._limits.url} bytes.")

    def _check_headers(self, unseen: int = 0) -> None:
        if len(self._headers) > self._limits.headers:
            raise Refusal(431, f"The request has more than {self._limits.headers} headers.")
        if size_of(self._headers) + unseen > self._limits.head:
            raise Refusal(431, f"The headers of the request are longer than {self._limits.head} bytes.")

    # What the parser calls

    def on_message_begin(self) -> None:
        self.begun = True
        self._url = []
        self._url_size = 0
        self._headers = []
        self._unseen = 0
        self._told = None

    def on_url(self, url: bytes) -> None:
        self._url.append(url)
        self._url_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        parser, headers = self._parser, self._headers
        method = parser.get_method()
        if parser.should_upgrade():
            if method == b"CONNECT":
                raise Refusal(400, "This server is no proxy.")
            return
        url = self._url[0] if len(self._url) == 1 else b"".join(self._url)
        if self._fed > self._limits.head:
            self._check_url()
        if self._fed > self._limits.head or len(headers) > self._limits.headers:
            self._check_headers()
        version, fields = parser.get_http_version(), dict(headers)
        check(headers, fields, version)
        scope = {**self.scope, **target_of(url)}
        scope["method"] = method.decode("ascii")
        scope["http_version"] = version
        scope["headers"] = headers
        is_1_1 = version == "1.1"
        self.arriving = Exchange(
            self._channel,
            scope,
            fields,
            keep_alive=is_1_1 and parser.should_keep_alive(),
            expects_continue=is_1_1 and fields.get(b"expect", b"").lower() == b"100-continue",
        )
        self._headers = []  # for trailers, which are counted and forgotten
        if int(fields.get(b"content-length", b"0")) > self._limits.body:
            self._stream(self.arriving)

    def on_body(self, data: bytes) -> None:
        exchange = self.arriving
        if exchange is not None:
            exchange.take(data)
            if exchange.received > self._limits.body and not exchange.streamed:
                self._stream(exchange)

    def _stream(self, exchange: Exchange) -> None:
        exchange.streamed = True
        self._line.append(exchange)

    def on_message_complete(self) -> None:
        exchange, self.arriving = self.arriving, None
        if exchange is None:  # it offers another protocol, and its body is read by the next parser
            return
        self.begun = False
        self.last = not exchange.keep_alive
        exchange.complete = True
        if exchange.streamed:
            exchange.wake()
        else:
            self._line.append(exchange)
