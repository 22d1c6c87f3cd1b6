"""CORS as SQS, SNS, EventBridge and STS have it, with the origin that asks in place of `*`.

Held against AWS's answers to preflights (https://github.com/AllanZhengYP/cors-test, of AWS's SDK for JavaScript).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pocketbus.apis.call import Headers

_EXPOSED = b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
_MAX_AGE_SECONDS = b"172800"
_WANTED_METHOD = b"access-control-request-method"
_GRANTS = {
    b"access-control-request-headers": b"access-control-allow-headers",
    _WANTED_METHOD: b"access-control-allow-methods",
    # Chromium's question before a page of the network may reach the machine; not one of AWS's.
    b"access-control-request-private-network": b"access-control-allow-private-network",
}


def shared(app: ASGIApp, origin: bytes) -> ASGIApp:
    """Have pages of an origin read what an app answers."""
    fields = [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    ]

    async def share(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *fields]}
            await send(message)

        await app(scope, receive, send_shared)

    return share


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser asks beforehand what an origin may send."""
    return scope["method"] == "OPTIONS" and _WANTED_METHOD in headers


def preflight(headers: Headers, request_id: str) -> ASGIApp:
    """Grant what is asked for."""
    fields = [
        (b"content-length", b"0"),
        (b"x-amzn-requestid", request_id.encode()),
        *((_GRANTS[name], value) for name, value in headers.items() if name in _GRANTS),
        (b"access-control-max-age", _MAX_AGE_SECONDS),
    ]

    async def grant(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": b""})

    return grant
