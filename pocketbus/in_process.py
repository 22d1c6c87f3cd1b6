"""Requests of an ASGI app in this process, without a socket."""

import asyncio

from starlette.types import ASGIApp, Message, Scope

Response = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


async def ask(app: ASGIApp, scope: Scope, body: bytes) -> Response | None:
    """Make one request of an ASGI app, as a client that stays until it is answered; None: it is not."""
    requests = iter([{"type": "http.request", "body": body, "more_body": False}])
    answered = asyncio.Event()
    messages: list[Message] = []

    async def receive() -> Message:
        for request in requests:
            return request
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    answered.set()
    if not messages:
        return None
    start, *parts = messages
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return start["status"], headers, b"".join(part.get("body", b"") for part in parts)
