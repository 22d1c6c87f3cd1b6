"""The AWS endpoint as a plain ASGI callable: reads a request, has it answered, and answers its errors."""

import logging
import re
from functools import lru_cache
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from pocketbus.apis import faults
from pocketbus.apis.call import Call, DisconnectedError
from pocketbus.apis.codec.codec import Codec
from pocketbus.apis.codec.errors import Answer, InternalFailure, RequestEntityTooLarge
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.dispatch import PLAIN_JSON, PLAIN_XML, Dispatch, Headers, UnroutableError, credential_of
from pocketbus.apis.service import Route
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError

MAX_BODY = 5 * 1024 * 1024
"""Bytes of a request on the wire; AWS's own limits on messages lie below and are the engine's.

A message of 1 MiB grows to 4 MiB at most: base64 of bytes, each character of it percent-encoded in a form body.
"""

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

_log = logging.getLogger("pocketbus")


class Endpoint:
    """Answers every AWS request from one engine."""

    def __init__(self, engine: Engine, dispatch: Dispatch, default_base_url: str) -> None:
        self._engine = engine
        self._dispatch = dispatch
        self._default_base_url = default_base_url
        self._account, self._region = engine.config.account, engine.config.region

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self._engine.ids.request_id()
        headers = dict(scope["headers"])
        codec: Codec = PLAIN_JSON if b"x-amz-target" in headers else PLAIN_XML
        try:
            message = await receive()
            body: bytes = message.get("body", b"")
            if len(body) > MAX_BODY or message.get("more_body") or message["type"] == "http.disconnect":
                body = await _read_on(message, headers, receive)
            route, payload = self._dispatch.identify(headers, scope["path"], scope["query_string"], body)
            codec = route.codec
            call = self._call(headers, scope, receive, request_id)
            params = _params(route, payload, call)
            if self._engine.faults.active:
                result = await faults.perform(route, call, params)
            else:
                result = route.perform(call, params)
                if route.waits:
                    result = await result
            answer = _success(route, result, request_id)
        except EngineError as error:
            answer = codec.error(error, request_id)
        except UnroutableError as error:
            answer = error.codec.error(error.error, request_id)
        except DisconnectedError:
            return
        except faults.CutError:
            await faults.cut(scope, receive)
            return
        except Exception:  # noqa: BLE001 - the one place that turns a defect into an answer
            _log.exception("request %s failed", request_id)
            answer = codec.error(InternalFailure(), request_id)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _call(self, headers: Headers, scope: Scope, receive: Receive, request_id: str) -> Call:
        engine = self._engine
        account, region, service = credential_of(headers, scope["query_string"])
        return Call(
            engine,
            engine.scope(account or self._account, region or self._region),
            request_id,
            base_url(scope["scheme"], headers.get(b"host", b"")) or self._default_base_url,
            scope["path"],
            receive,
            service is not None,
        )


def _params(route: Route, payload: Any, call: Call) -> Params:
    params = route.decode(payload)
    if route.takes_queue_url and call.path != "/" and "QueueUrl" not in params:
        params["QueueUrl"] = call.base_url + call.path
    route.validate(params)
    return params


def _success(route: Route, result: Any, request_id: str) -> Answer:
    body = route.encode(result, request_id)
    headers = [
        (b"content-type", route.codec.content_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    return Answer(200, headers, body)


async def read_body(headers: Headers, receive: Receive, most: int = MAX_BODY) -> bytes:
    """Read a whole body; raise RequestEntityTooLarge before more than `most` bytes of it are held."""
    return await _read_on(await receive(), headers, receive, most)


async def _read_on(message: Message, headers: Headers, receive: Receive, most: int = MAX_BODY) -> bytes:
    """Read a body to its end from its first message on."""
    if _declared_length(headers) > most:
        raise _too_large(most)
    chunks, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def _declared_length(headers: Headers) -> int:
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 20 else 0


def _too_large(most: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The request body is longer than {most} bytes.")


@lru_cache(maxsize=1024)
def base_url(scheme: str, host: bytes) -> str | None:
    """Return the URL that a Host header stands for, or None if it is no host."""
    return f"{scheme}://{host.decode('ascii')}" if _HOST.fullmatch(host) else None
