"""boto3 sessions whose clients reach an ASGI app without a socket."""

import os
from collections.abc import Callable, Coroutine, Iterator
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Scope

from pocketbus.in_process import Response, ask

Run = Callable[[Callable[[], Coroutine[Any, Any, Response | None]]], Response | None]
"""Runs a coroutine function where the app is at home."""

# botocore's variables, which would otherwise bring in the profile and the configuration of the user's own AWS:
# (key in the configuration, environment variable, default, conversion).
_NO_USER_SETTINGS = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}


def make_session(app: ASGIApp, run: Run) -> Any:
    """Make a session that knows nothing of the user's own AWS. Raise ModuleNotFoundError without boto3."""
    try:
        # Only those who ask for a client need it.
        import boto3  # noqa: PLC0415
        import botocore.session  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("Clients of the emulator need boto3: pip install boto3") from error
    core = botocore.session.Session(_NO_USER_SETTINGS)
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
    session = boto3.Session(botocore_session=core)

    def answer(request: Any, **_: Any) -> Any:
        return _response(request, run(lambda: ask(app, _scope(request), _body(request))))

    session.events.register("before-send", answer)
    return session


@cache
def _loader(data_path: str | None) -> Any:
    """The AWS models of a data path, read once for all clients: they are most of what a client costs."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - only those who ask for a client need it

    return create_loader(data_path)


def _response(request: Any, answered: Response | None) -> Any:
    """Return what botocore's HTTP session would, or raise what it would."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415
    from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415

    if answered is None:
        raise ConnectionClosedError(endpoint_url=request.url)
    status, headers, body = answered
    return AWSResponse(request.url, status, headers, _Raw(body))


class _Raw(BytesIO):
    """A body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


def _scope(request: Any) -> Scope:
    url = urlsplit(request.url)
    headers = [(_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path) or "/",
        "raw_path": url.path.encode() or b"/",
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(b"host", url.netloc.encode()), *headers],
        "client": None,
        "server": None,
    }


def _body(request: Any) -> bytes:
    body = request.body or b""
    return _bytes(body) if isinstance(body, str | bytes) else bytes(body.read())


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
