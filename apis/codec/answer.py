"""What a request is answered with, whatever the protocol."""

from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


def fields_of(headers: Headers) -> bytes:
    """Write headers as HTTP/1.1 has them, each with its line end."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


@dataclass(slots=True)
class Answer:
    """A whole answer; as an ASGI app it sends itself. `query_error` is SQS's header for clients of two protocols."""

    status: int
    content_type: bytes
    request_id: str
    body: bytes
    query_error: bytes = b""

    @property
    def headers(self) -> Headers:
        headers = [
            (b"content-type", self.content_type),
            (b"content-length", b"%d" % len(self.body)),
            (b"x-amzn-requestid", self.request_id.encode()),
        ]
        if self.query_error:
            headers.append((b"x-amzn-query-error", self.query_error))
        return headers

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})
