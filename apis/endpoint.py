"""The AWS endpoint: has a request carried out, and answers its errors."""

import logging
import re
from collections.abc import Coroutine
from types import CoroutineType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis import faults
from pocketbus.apis.call import Call, DisconnectedError, Headers
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.codec import Codec
from pocketbus.apis.codec.errors import InternalFailure, RequestEntityTooLarge
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.dispatch import (
    PLAIN_JSON,
    PLAIN_XML,
    Credential,
    Dispatch,
    UnroutableError,
    credential_of,
)
from pocketbus.apis.remembered import Remembered
from pocketbus.apis.requests import Requests
from pocketbus.apis.service import Route
from pocketbus.apis.settling import UnsettledError, perform_when_settled
from pocketbus.apis.taking import perform
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.time.clock import stopwatch

MAX_BODY = 5 * 1024 * 1024
"""Bytes of a request on the wire; AWS's own limits on messages lie below and are the engine's.

A message of 1 MiB grows to 4 MiB at most: base64 of bytes, each character of it percent-encoded in a form body.
"""

MAX_CODE = 70_167_211
"""The same where a function's code may be uploaded: 50 MB in base64."""

_CODE = "/2015-03-31/functions"
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

_LONGEST_HOST = 512
"""No host is as long: what is remembered is bounded."""

_log = logging.getLogger("pocketbus")


class Endpoint:
    """Answers every AWS request from one engine."""

    def __init__(self, engine: Engine, dispatch: Dispatch, default_base_url: str) -> None:
        self._engine = engine
        self._dispatch = dispatch
        self._default_base_url = default_base_url
        self.requests = Requests()
        self._account, self._region = engine.config.account, engine.config.region

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            body = await read_body(
                headers, receive, MAX_CODE if scope["path"].startswith(_CODE) else MAX_BODY
            )
        except DisconnectedError:
            return
        except RequestEntityTooLarge as error:
            answer: ASGIApp = self.refuse(headers, error)
        else:
            answer = self.answer(scope, headers, receive, body)
        await answer(scope, receive, send)

    def refuse(self, headers: Headers, error: EngineError) -> Answer:
        """Return what answers a request of which nothing else is looked at."""
        answer = _plain_codec(headers).error(error, self._engine.ids.request_id())
        return self.requests.count(answer, stopwatch())

    def answer(self, scope: Scope, headers: Headers, receive: Receive, body: bytes) -> "Answer | Later":
        """Carry a whole request out, and return its answer; or what answers it later, if it waits for something."""
        began_at = stopwatch()
        engine, requests = self._engine, self.requests
        request_id = engine.ids.request_id()
        scopes_before = engine.scopes_made
        route = call = None
        try:
            credential = credential_of(headers, scope["query_string"])
            route, payload = self._dispatch.identify(headers, scope, body, credential.service)
            call = self._call(credential, headers, scope, receive, request_id)
            params = _params(route, payload, call)
            if engine.faults.active:
                return Later(faults.perform(route, call, params), route, call, requests, began_at)
            try:
                noted = engine.door.journal is not None
                result = perform(route, call, params) if noted else route.perform(call, params)
            except UnsettledError as error:
                result = perform_when_settled(error, route, call, params)
            if type(result) is CoroutineType:
                return Later(result, route, call, requests, began_at)
            return requests.count(route.encode(result, request_id), began_at, route, call.scope)
        except Exception as error:  # noqa: BLE001 - one of two places that turn a defect into an answer
            answer = _failure(error, route.codec if route else _plain_codec(headers), request_id)
            return requests.count(answer, began_at, route, call.scope if call else None)
        finally:
            if engine.scopes_made != scopes_before:
                engine.forget_untouched(engine.latest_scopes(scopes_before))

    def _call(
        self, credential: Credential, headers: Headers, scope: Scope, receive: Receive, request_id: str
    ) -> Call:
        engine = self._engine
        account, region, service = credential
        return Call(
            engine,
            engine.scope(account or self._account, region or self._region),
            engine.clock.now(),
            request_id,
            base_url(scope["scheme"], headers.get(b"host", b"")) or self._default_base_url,
            scope["path"],
            receive,
            service is not None,
            headers,
            scope["query_string"],
        )


def _params(route: Route, payload: Any, call: Call) -> Params:
    params = route.decode(payload)
    if route.takes_queue_url and call.path != "/" and "QueueUrl" not in params:
        params["QueueUrl"] = call.base_url + call.path
    route.validate(params)
    return params


class Later:
    """The answer to a request that waits for something: as an ASGI app it waits, then sends it."""

    def __init__(
        self,
        result: Coroutine[Any, Any, Any],
        route: Route,
        call: Call,
        requests: Requests,
        began_at: float,
    ) -> None:
        self._result = result
        self._route = route
        self._call = call
        self._requests = requests
        self._began_at = began_at
        call.scope.users += 1

    def __del__(self) -> None:
        """Give up what nobody has begun to wait for: the server has ended first."""
        self._result.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route, call = self._route, self._call
        try:
            answer = route.encode(await self._result, call.request_id)
        except DisconnectedError:
            return
        except faults.CutError:
            await faults.cut(scope, receive)
            return
        except Exception as error:  # noqa: BLE001 - the other one
            answer = _failure(error, route.codec, call.request_id)
        finally:
            call.scope.users -= 1
            call.engine.forget_untouched([call.scope])
        await self._requests.count(answer, self._began_at, route, call.scope)(scope, receive, send)


def _failure(error: Exception, codec: Codec, request_id: str) -> Answer:
    match error:
        case EngineError():
            return codec.error(error, request_id)
        case UnroutableError():
            return error.codec.error(error.error, request_id)
        case _:
            _log.error("request %s failed", request_id, exc_info=error)
            return codec.error(InternalFailure(), request_id)


def _plain_codec(headers: Headers) -> Codec:
    """Return the codec for a request of which nothing else is known."""
    return PLAIN_JSON if b"x-amz-target" in headers else PLAIN_XML


async def read_body(headers: Headers, receive: Receive, most: int = MAX_BODY) -> bytes:
    """Read a whole body; raise RequestEntityTooLarge before more than `most` bytes of it are held."""
    return b"".join(await read_chunks(headers, receive, most))


async def read_chunks(headers: Headers, receive: Receive, most: int) -> list[bytes]:
    """Read a body likewise, in the chunks in which it comes."""
    if _declared_length(headers) > most:
        raise _too_large(most)
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return chunks


def _declared_length(headers: Headers) -> int:
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 20 else 0


def _too_large(most: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The request body is longer than {most} bytes.")


def base_url(scheme: str, host: bytes) -> str | None:
    """Return the URL that a Host header stands for, or None if it is no host."""
    name = _hosts[host]
    return f"{scheme}://{name}" if name else None


def _name_of(host: bytes) -> str | None:
    return host.decode("ascii") if _HOST.fullmatch(host) else None


_hosts = Remembered(_name_of, _LONGEST_HOST)
