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


def _written(value: str) -> bytes:
    """Write a header as clients do: in Latin-1, and in UTF-8 where that does not do."""
    return value.encode("latin-1" if max(value, default="") <= "\xff" else "utf-8")


def scope_of(
    *, method: str = "POST", path: str = "/", query: str = "", headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the scope of a request to localhost:4566, if the headers name no other host."""
    lines = {"host": "localhost:4566", **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), _written(value)) for name, value in lines.items()],
        "server": ("127.0.0.1", 4566),
        "client": ("127.0.0.1", 1),
    }


async def no_more() -> MutableMapping[str, Any]:
    """Stand for `receive` where a request was handed over whole."""
    raise AssertionError("the body is here already")


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

    await app(scope_of(method=method, path=path, query=query, headers=headers), receive, send)
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
