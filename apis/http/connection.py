"""One connection: answers in the order of the requests, bounds, an orderly end. docs/HTTP.md tells how it behaves."""

import asyncio
import socket
from collections import deque
from typing import cast

from starlette.types import Scope

from pocketbus.apis.codec.answer import NO_CONTENT, Answer
from pocketbus.apis.faults import CUT
from pocketbus.apis.http.exchange import Exchange
from pocketbus.apis.http.limits import HOLD_LITTLE
from pocketbus.apis.http.message import CLOSE, CONTINUE, STATUS_LINES, Refusal
from pocketbus.apis.http.reader import Line, Reader
from pocketbus.apis.http.site import Site

# Below 2.4, Starlette watches for a client that leaves a stream.
_ASGI = {"version": "3.0", "spec_version": "2.3"}


_CLOSE = CLOSE + b"\r\n"

# Bytes that are not kept until the end of a turn.
_MUCH = 64 * 1024


class Connection(asyncio.Protocol):
    """Answers within a turn what needs no waiting. All else is a task, one at a time; what is behind it stands in line.

    What it reads is carried out when all other connections have read, too. It goes on reading while a task is under
    way, to see its client leave.
    """

    __slots__ = (
        "_came",
        "_current",
        "_eof",
        "_expected",
        "_full",
        "_held",
        "_limits",
        "_line",
        "_lingering",
        "_reader",
        "_reading",
        "_ready",
        "_seconds",
        "_site",
        "_transport",
        "_unsent",
        "lost",
    )
    _transport: asyncio.Transport

    def __init__(self, site: Site) -> None:
        self._site = site
        self._limits = site.limits
        self._line: Line = deque()
        self._reader: Reader | None = Reader(site.limits, self._line, self)
        self._current: Exchange | None = None
        self._came = 0  # bytes since something was carried out last
        self._expected = False  # the end of this turn of the event loop carries out and flushes
        self._held = 0  # bytes that came since something stood in the way of answers
        self._reading = True
        self._eof = False
        self._lingering = False
        self._full: asyncio.Event | None = None  # set when the client has taken of what was written
        self._ready = b""  # what is written when this turn of the event loop is over
        self._unsent = 0
        self._seconds = 0.0  # since the event that a bound counts from
        self.lost = False

    # What the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of asyncio's classes
        scope: Scope = {
            "type": "http",
            "asgi": _ASGI,
            "scheme": "https" if self._is_tls() else "http",
            "server": _address(transport, "sockname"),
            "client": _address(transport, "peername"),
            "root_path": "",
            "state": {CUT: self.abort, HOLD_LITTLE: self._hold_little},
        }
        if self._reader is not None:
            self._reader.scope = scope
        self._site.join(self)

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None or reader.last:
            return
        if not reader.begun:
            self._seconds = 0.0
        try:
            reader.feed(data)
        except Refusal as refusal:
            self._refuse(refusal)
        self._came += len(data)
        if self._line and self._current is None and self._full is None and self._came <= _MUCH:
            if not self._expected:
                self._expected = True
                self._site.will_carry_out(self)
        else:
            self.carry_out()

    def carry_out(self) -> None:
        came, self._came = self._came, 0
        if not self._go_on():
            self._hold(came)

    def eof_received(self) -> bool:
        """Hear that the client sends nothing more.

        It is gone, or waits for its answers; which of the two, nobody can tell. So what would wait for news, a long
        poll or a stream, is given up, and all else is answered.
        """
        if self._line:
            self.carry_out()
        self._eof = True
        self._forget_what_arrives()
        if self._current is not None:
            self._current.leave()
        self.flush()
        if self._is_tls():
            return False  # TLS ends for both at once
        return not self._lingering and (self._current is not None or bool(self._line))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - why, does not matter
        if self._line:
            self.carry_out()
        self.lost = True
        self._site.leave(self)
        self._line.clear()
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._current is not None:
            self._current.leave()
        self._empty()

    def _is_tls(self) -> bool:
        return self._transport.get_extra_info("sslcontext") is not None

    def pause_writing(self) -> None:
        self._full = asyncio.Event()

    def resume_writing(self) -> None:
        self._empty()
        self._go_on()
        self._regulate()

    # Requests, in their order

    def _go_on(self) -> bool:
        """Carry out what is in line, as far as nothing stands in the way; then close, or wait for what comes next.

        Tell whether nothing is left of what has come.
        """
        line = self._line
        while line and self._current is None and self._full is None:
            first = line.popleft()
            if isinstance(first, Refusal):
                self._end_with(first)
            else:
                self._carry_out(first)
        if self._current is not None or line:
            return False
        self._held = 0
        reader = self._reader
        if reader is None or self._lingering:
            return True
        arriving = reader.arriving
        if reader.last or (self._site.ending and not reader.begun):
            self._close()
        elif arriving is not None and arriving.expects_continue:
            self._let_continue(arriving)
        return not reader.begun

    def _carry_out(self, exchange: Exchange) -> None:
        self._seconds = 0.0
        app = self._site.app
        if not exchange.streamed:
            body = exchange.body
            if type(body) is not bytes:
                body = bytes(body)
            answer = app.answer(exchange.scope, exchange.headers, exchange.receive, body)
            if isinstance(answer, Answer):
                self._write_answer(exchange, answer)
                return
        if self._eof:
            exchange.leave()
        self._current = exchange
        self._site.start(exchange.run(app if exchange.streamed else answer))

    def _write_answer(self, exchange: Exchange, answer: Answer) -> None:
        site = self._site
        if site.access_log:
            self.log(exchange.scope, answer.status)
        end = b"\r\n" if self.goes_on_after(exchange) else _CLOSE
        body = b"" if exchange.scope["method"] == "HEAD" else answer.body
        if answer.extra or answer.status == NO_CONTENT:
            head = (STATUS_LINES[answer.status], site.date, answer.fields(), end, body)
            self.write(b"%b%b%b%b%b" % head)
        else:
            start = site.starts[answer.status, answer.content_type]
            told = (start, len(answer.body), answer.request_id.encode(), end, body)
            self.write(b"%b%d\r\nx-amzn-requestid: %b\r\n%b%b" % told)

    def _let_continue(self, exchange: Exchange) -> None:
        exchange.expects_continue = False
        self.write(CONTINUE)

    def _refuse(self, refusal: Refusal) -> None:
        """Read no further; what came before the refused request is answered first."""
        arriving = self._forget_what_arrives()
        if arriving is None or not arriving.streamed:
            self._line.append(refusal)
        else:
            arriving.leave()

    def _forget_what_arrives(self) -> Exchange | None:
        """Take what comes from now on for no request; return the one that was on its way."""
        reader = self._reader
        if reader is None:
            return None
        arriving, reader.arriving = reader.arriving, None
        reader.begun, reader.last = False, True
        return arriving

    def _end_with(self, refusal: Refusal) -> None:
        self.write(refusal.answer(self._site.date))
        self._linger()

    def _linger(self) -> None:
        """Send no more, but read on for a while.

        A socket that is closed on unread data is reset, and its client would not come to read the answer.
        """
        self._forget_what_arrives()
        self._line.clear()
        self.flush()
        if self._eof or self._transport.is_closing():
            self._transport.close()
            return
        self._lingering = True
        self._seconds = 0.0
        if not self._is_tls():  # TLS has no such half
            self._transport.write_eof()
        self._regulate()

    # What an exchange needs

    @property
    def date(self) -> bytes:
        return self._site.date

    def goes_on_after(self, exchange: Exchange) -> bool:
        reader = self._reader
        if reader is None or not exchange.keep_alive:
            return False
        return bool(self._line) or not (reader.last or (self._site.ending and not reader.begun))

    def ask_for_body(self, exchange: Exchange) -> None:
        if exchange.expects_continue:
            self._let_continue(exchange)
        self._regulate()

    async def writable(self) -> None:
        """Wait until the client has taken enough of what was written, or is gone."""
        while self._full is not None:
            await self._full.wait()

    def write(self, data: bytes) -> None:
        """Write with all that other connections write in this turn: a client that waits for several is woken once."""
        if not (self._expected or self._ready):
            self._site.will_write(self)
        self._ready = ready = self._ready + data
        if len(ready) > _MUCH:
            self.flush()

    def flush(self) -> None:
        self._expected = False
        ready, transport = self._ready, self._transport
        if ready and not transport.is_closing():
            before_writing = self._site.before_writing
            if before_writing is not None:
                before_writing()
            self._ready = b""
            transport.write(ready)

    def _close(self) -> None:
        self.flush()
        self._transport.close()

    def log(self, scope: Scope, status: int) -> None:
        self._site.log(scope, status)

    def finish(self, exchange: Exchange) -> None:
        """Hear that the application is done with the current exchange."""
        self._current = None
        self._seconds = 0.0
        if self.lost:
            return
        if exchange.answered and exchange.keep_alive:
            self._go_on()
            self._regulate()
        elif exchange.started and not exchange.answered:
            self.abort()  # so that a part is not taken for the whole
        elif exchange.complete or self._eof:
            self._forget_what_arrives()
            self._line.clear()
            self._close()
        else:
            self._linger()

    # Bounds

    def _hold_little(self) -> None:
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._limits.unsent)

    def _hold(self, size: int) -> None:
        """Count what has arrived and has to wait; an exchange that takes its own body as it comes is no obstacle."""
        if self._full is not None or self._line or (self._current is not None and self._current.complete):
            self._held += size
        self._regulate()

    def _regulate(self) -> None:
        """Read, unless enough has arrived that nobody has taken."""
        if self.lost or self._eof:
            return
        reading = self._lingering or not self._is_full_up()
        if reading != self._reading:
            self._reading = reading
            if reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _is_full_up(self) -> bool:
        limits, arriving = self._limits, self._reader.arriving if self._reader is not None else None
        return (
            self._held > limits.held
            or len(self._line) > limits.waiting
            or (arriving is not None and arriving.streamed and len(arriving.body) > limits.unread)
        )

    def _empty(self) -> None:
        if self._full is not None:
            self._full.set()
            self._full = None

    def look(self, seconds: float) -> None:
        """Hear that so many seconds have gone; end what has taken too long."""
        limits, reader = self._limits, self._reader
        self._seconds += seconds
        if self._full is not None or self._transport.is_closing():
            self._look_at_what_is_unsent()
        elif self._lingering:
            if self._seconds > limits.linger_seconds:
                self.abort()
        elif reader is None or not self._reading:
            self._seconds = 0.0
        elif reader.begun:
            if self._seconds > limits.request_seconds:
                self._refuse(Refusal(408, f"The request took more than {limits.request_seconds:g} seconds."))
                self._go_on()
        elif self._current is not None or self._line:
            self._seconds = 0.0
        elif self._seconds > limits.idle_seconds:
            self._close()

    def _look_at_what_is_unsent(self) -> None:
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent = unsent
            self._seconds = 0.0
        elif self._seconds > self._limits.unsent_seconds:
            self.abort()

    # The end

    def end(self) -> None:
        """Close as soon as what has arrived is answered."""
        self._go_on()

    def abort(self) -> None:
        self._transport.abort()


def _address(transport: asyncio.BaseTransport, name: str) -> tuple[str, int] | None:
    """Return host and port; a socket that has no such thing has no address."""
    address = transport.get_extra_info(name)
    return tuple(address[:2]) if isinstance(address, tuple) else None
