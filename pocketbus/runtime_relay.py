"""Lambda's Runtime API on a port of its own, handed on to a server's path for one function.

Some runtime interface clients take a host and a port, and no path. And whoever starts a worker hears of its end, which
the server could not tell from a worker that takes its time.
"""

import json
import os
import sys
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from pocketbus.apis.control.runtime import TIMEOUT, WORKER

_PASSED_ON = ("content-type", "lambda-runtime-function-error-type")
_LONGEST_LINE = 65_536


class RelayError(Exception):
    """The server cannot be reached, or refuses; the text says why."""


class RuntimeRelay:
    """Listens for one worker of one function, named by its ARN; as a context manager, for the time of its block."""

    def __init__(self, url: str, function_arn: str, *, port: int = 0, timed: bool = True) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or 80
        self._path = f"/_pocketbus/functions/{quote(function_arn, safe=':')}"
        self._listener = _Listener(self, port)
        self.address = f"127.0.0.1:{self._listener.server_address[1]}"
        self.worker = f"{os.getpid()}-{self._listener.server_address[1]}"
        self._headers = {WORKER: self.worker} | ({} if timed else {TIMEOUT: "off"})
        self._thread = Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the server, below the function's path. Raise RelayError."""
        connection = HTTPConnection(self._host, self._port)
        try:
            connection.request(method, self._path + path, body, headers | self._headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, HTTPException) as error:
            raise RelayError(
                f"no server answers at http://{self._host}:{self._port}: {error}; start one with `pocketbus`, "
                "or name another with --url or POCKETBUS_URL"
            ) from error
        finally:
            connection.close()

    def leave(self, reason: str) -> None:
        """Tell the server that the worker has ended. Raise RelayError."""
        self.ask("DELETE", f"/workers/{self.worker}?reason={quote(reason)}", {}, b"")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, relay: RuntimeRelay, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handed)
        self.relay = relay

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a worker that has gone away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handed(BaseHTTPRequestHandler):
    """One connection of the worker: each request is handed on, and its answer back."""

    server: _Listener
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._hand_on()

    def do_POST(self) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        try:
            status, answered, body = self.server.relay.ask(self.command, self.path, headers, self._body())
        except RelayError as error:
            status, answered = 503, []
            body = json.dumps({"errorType": "Unavailable", "errorMessage": str(error)}).encode()
        self.send_response(status)
        for name, value in answered:
            if name.lower().startswith("lambda-runtime-") or name.lower() == "content-type":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        """Read one chunk; after the last one, what follows it up to an empty line."""
        size = int(self.rfile.readline(_LONGEST_LINE).partition(b";")[0], 16)
        if size:
            chunk = self.rfile.read(size)
            self.rfile.readline(_LONGEST_LINE)
            return chunk
        while self.rfile.readline(_LONGEST_LINE).strip():
            pass
        return b""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        pass
