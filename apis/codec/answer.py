"""What a request is answered with, whatever the protocol."""

from collections.abc import Sequence

from msgspec import Struct
from starlette.types import Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]
NO_HEADERS: Headers = ()

NO_CONTENT = 204


def fields_of(headers: Headers) -> bytes:
    """Write headers as HTTP/1.1 has them, each with its line end."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


class Answer(Struct):
    """A whole answer; as an ASGI app it sends itself. `extra` are the headers that its protocol adds."""

    status: int
    content_type: bytes
    request_id: str
    body: bytes
    extra: Headers = NO_HEADERS

    @property
    def headers(self) -> Headers:
        request_id = (b"x-amzn-requestid", self.request_id.encode())
        if self.status == NO_CONTENT:
            return [request_id, *self.extra]
        return [
            (b"content-type", self.content_type),
            (b"content-length", b"%d" % len(self.body)),
            request_id,
            *self.extra,
        ]

    def fields(self) -> bytes:
        """Write the headers as HTTP/1.1 has them."""
        return fields_of(self.headers)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})
