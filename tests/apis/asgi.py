"""One request to an ASGI application, without a server."""

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.types import ASGIApp


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


async def ask(
    app: ASGIApp,
    body: bytes = b"",
    *,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one whole request and collect the answer, as a client that stays until it has come."""
    sent: list[MutableMapping[str, Any]] = []
    requests = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        for request in requests:
            return request
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    lines = {"host": "localhost:4566", **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines.items()],
        "server": ("127.0.0.1", 4566),
        "client": ("127.0.0.1", 1),
    }
    await app(scope, receive, send)
    start, *parts = sent
    return Reply(
        start["status"],
        {name.decode().lower(): value.decode() for name, value in start["headers"]},
        b"".join(part["body"] for part in parts),
    )


async def ask_json(app: ASGIApp, target: str, body: bytes = b"{}") -> Reply:
    return await ask(
        app, body, headers={"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    )


async def ask_form(app: ASGIApp, path: str = "/", **parameters: str) -> Reply:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return await ask(app, urlencode(parameters).encode(), path=path, headers=headers)
