"""What requests and answers look like on the wire, and to an ASGI application."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from httptools import HttpParserInvalidURLError, parse_url

from pocketbus.apis.codec.answer import Headers, fields_of

STATUS_LINES: Mapping[int, bytes] = {
    **{status: b"HTTP/1.1 %d \r\n" % status for status in range(200, 600)},
    **{status: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus},
}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE = b"connection: close\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
LAST_CHUNK = b"0\r\n\r\n"

_NO_HEADER = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Refusal(Exception):
    """What has arrived is no request that can be served: the connection ends with this status and text."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status

    def answer(self, date: bytes) -> bytes:
        body = f"{self}\n".encode()
        return b"%b%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%b\r\n%b" % (
            STATUS_LINES[self.status],
            date,
            len(body),
            CLOSE,
            body,
        )


def target_of(url: bytes) -> dict[str, Any]:
    """Return what a scope says of a request's target; raise Refusal if it is neither a path nor a URL."""
    if url == b"/":
        return {"path": "/", "raw_path": b"/", "query_string": b""}
    if url.startswith(b"/"):
        raw_path, _, query = url.partition(b"#")[0].partition(b"?")
    else:
        try:
            parsed = parse_url(url)
        except HttpParserInvalidURLError as error:
            raise Refusal(400, "The target of the request is neither a path nor a URL.") from error
        raw_path, query = parsed.path or b"/", parsed.query or b""
    path = raw_path.decode("ascii")
    return {"path": unquote(path) if "%" in path else path, "raw_path": raw_path, "query_string": query}


def check(headers: Headers, fields: Mapping[bytes, bytes], version: str) -> None:
    """Raise Refusal for headers in which two readers could see two requests (RFC 9112, 3.2 and 6.1).

    `fields` are the headers by name.
    """
    if b"host" not in fields and version == "1.1":
        raise Refusal(400, "The request has no Host header, which HTTP/1.1 requires.")
    if len(fields) != len(headers) and sum(name == b"host" for name, _ in headers) > 1:
        raise Refusal(400, "The request has more than one Host header.")
    if b"transfer-encoding" in fields:
        codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
        if codings != [b"chunked"]:
            raise Refusal(400, "The only Transfer-Encoding that is understood is chunked.")


def size_of(headers: Headers) -> int:
    return sum(len(name) + len(value) for name, value in headers)


def without_upgrade(method: bytes, url: bytes, version: str, headers: Headers) -> bytes:
    """Write a request's head again, without the offer to go on in another protocol."""
    kept = [header for header in headers if header[0] != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), fields_of(kept))


def written(headers: Headers) -> bytes:
    """Write an application's headers; raise ValueError where one would end before its end."""
    for name, value in headers:
        if _NO_HEADER.search(name) or _NO_HEADER.search(value):
            raise ValueError(f"no header: {name!r}: {value!r}")
    return fields_of(headers)
