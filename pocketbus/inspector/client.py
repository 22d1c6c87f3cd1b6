"""How the page asks the server it is part of: by the paths and operations that every script has, without a socket."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Scope

from pocketbus.in_process import ask

_PAGE = 1000
_MOST = 20_000
"""Of one noun, so many are shown at most."""
_TARGETS = {"sqs": ("AmazonSQS", "1.0"), "events": ("AWSEvents", "1.1")}
_VERSION_OF_SNS = "2010-03-31"
_TAG = re.compile(r"<(MessageId|SequenceNumber|Message|Code)>([^<]*)</")


class RefusedError(Exception):
    """The server refused what was asked; the text is its own."""


class Client:
    """Asks in the name of whoever looks at the page: under the Host that their browser used."""

    def __init__(self, app: ASGIApp, visit: Scope) -> None:
        self._app = app
        self._visit = visit
        self._host = next((value for name, value in visit["headers"] if name == b"host"), b"localhost")

    @property
    def base_url(self) -> str:
        return f"{self._visit['scheme']}://{self._host.decode('latin-1')}"

    # Control paths

    async def get(self, path: str, **parameters: Any) -> Any:
        return await self._control("GET", path, parameters)

    async def post(self, path: str, **parameters: Any) -> Any:
        return await self._control("POST", path, parameters)

    async def delete(self, path: str, **parameters: Any) -> Any:
        return await self._control("DELETE", path, parameters)

    async def all(self, noun: str) -> list[dict[str, Any]]:
        """Look at everything of a noun."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None and len(found) < _MOST:
            page = await self.get(noun, limit=_PAGE, after=after)
            found += page[noun]
            after = page["next"]
        return found

    async def _control(self, method: str, path: str, parameters: Mapping[str, Any]) -> Any:
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        body = json.dumps(given).encode() if given else b""
        status, answer = await self._ask(method, f"/_pocketbus/{path}", {}, body)
        content = json.loads(answer)
        if status >= 400:
            raise RefusedError(content["error"])
        return content

    # Operations of AWS

    async def sqs(self, operation: str, arn: str, **parameters: Any) -> dict[str, Any]:
        """Carry out an operation on a queue."""
        return await self._json("sqs", operation, arn, {"QueueUrl": self.url_of(arn), **parameters})

    async def sqs_move(self, operation: str, arn: str, **parameters: Any) -> dict[str, Any]:
        """Carry out an operation on move tasks, which know queues by their ARN."""
        return await self._json("sqs", operation, arn, parameters)

    async def events(self, operation: str, arn: str, **parameters: Any) -> dict[str, Any]:
        return await self._json("events", operation, arn, parameters)

    async def sns(self, operation: str, arn: str, **parameters: Any) -> dict[str, str]:
        from html import unescape  # noqa: PLC0415 - loaded by those who need it

        form = {"Action": operation, "Version": _VERSION_OF_SNS, **dict(_flat(parameters))}
        headers = {**_signed("sns", arn), "content-type": "application/x-www-form-urlencoded"}
        status, answer = await self._ask("POST", "/", headers, urlencode(form).encode())
        told = {name: unescape(text) for name, text in _TAG.findall(answer.decode())}
        if status >= 400:
            raise RefusedError(f"{told.get('Code')}: {told.get('Message')}")
        return told

    def url_of(self, queue: str) -> str:
        _, _, _, _, account, name = queue.split(":", 5)
        return f"{self.base_url}/{account}/{name}"

    async def _json(
        self, service: str, operation: str, arn: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        prefix, version = _TARGETS[service]
        headers = {
            **_signed(service, arn),
            "x-amz-target": f"{prefix}.{operation}",
            "content-type": f"application/x-amz-json-{version}",
        }
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        status, answer = await self._ask("POST", "/", headers, json.dumps(given).encode())
        content: dict[str, Any] = json.loads(answer or b"{}")
        if status >= 400:
            kind = content.get("__type", "").rpartition("#")[2]
            raise RefusedError(f"{kind}: {content.get('message') or content.get('Message')}")
        return content

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": self._visit["scheme"],
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (b"host", self._host),
                (b"content-length", str(len(body)).encode()),
                *((name.encode(), value.encode()) for name, value in headers.items()),
            ],
            "client": self._visit.get("client"),
            "server": self._visit.get("server"),
        }
        answered = await ask(self._app, scope, body)
        if answered is None:
            raise RefusedError("The connection was cut: a fault has struck.")
        status, _, content = answered
        return status, content


def _signed(service: str, arn: str) -> dict[str, str]:
    """Say whose request it is: that of the account and region of an ARN."""
    _, _, _, region, account, *_ = arn.split(":")
    credential = f"{account}/20260101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"}


def _flat(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Write parameters as a form of AWS's query protocol; a mapping becomes a list of entries."""
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            for number, (key, attribute) in enumerate(value.items(), 1):
                yield f"{name}.entry.{number}.Name", key
                for part, text in attribute.items():
                    yield f"{name}.entry.{number}.Value.{part}", text
        elif value not in (None, ""):
            yield name, str(value)
