"""The emulator inside a Python process: an engine on an event loop of its own, boto3 clients that reach it directly.

The HTTP server, for clients in other languages or processes, runs only when its URL is asked for.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from functools import cache, partial
from io import BytesIO
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Scope

from pocketbus.apis.app import create_app
from pocketbus.emulator.account import Account, Clients
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.function import Handler
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.server import Server, listen, url_of

T = TypeVar("T")

_ENDPOINT = "http://localhost:4566"
_ANSWER_SECONDS = 60
_END_SECONDS = 1
_DEFAULTS = Config()

# botocore's variables, which would otherwise bring in the profile and the configuration of the user's own AWS:
# (key in the configuration, environment variable, default, conversion).
_NO_USER_SETTINGS = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}


class Emulator(Clients):
    """One emulator, running inside its `with` block; every method may be called from any thread.

    While the clock is frozen, a long poll ends only when a message comes or another thread moves the clock.
    """

    def __init__(
        self,
        *,
        account: str = _DEFAULTS.account,
        region: str = _DEFAULTS.region,
        seed: int | None = _DEFAULTS.seed,
        serve: bool = False,
        **settings: Any,
    ) -> None:
        """Take the settings of Config by name; `serve` starts the HTTP server at once."""
        self.account = account
        self.region = region
        self._config = Config(account=account, region=region, seed=seed, **settings)
        self._engine = Engine(self._config)
        self._app = create_app(self._engine, default_base_url=_ENDPOINT)
        self._thread = _LoopThread(self._live)
        self._serve_at_once = serve
        self._server: _RunningServer | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        if self._serve_at_once:
            self._thread.run(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._thread.stop)

    @property
    def url(self) -> str:
        """The address at which the emulator serves HTTP, from the first time this is asked."""
        return self._thread.run(self._serve)

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client that reaches the emulator without a socket; `options` are boto3's."""
        return self._session().client(service, **self._client_options(options))

    def resource(self, service: str, **options: Any) -> Any:
        """Make a boto3 resource that reaches the emulator without a socket; `options` are boto3's."""
        return self._session().resource(service, **self._client_options(options))

    def in_account(self, account: str, region: str | None = None) -> Account:
        """Return another account of this emulator, with clients and controls of its own."""
        return Account(self, account, region or self.region)

    def call(self, function: Callable[[Engine], T]) -> T:
        """Run a function on the emulator's own thread, where alone the engine may be touched."""
        return self._await(partial(_called, function))

    async def call_async(self, function: Callable[[Engine], T]) -> T:
        """Do the same while the caller's own event loop goes on."""
        return await self._await_async(partial(_called, function))

    def on_lambda(self, name: str, handler: Handler) -> None:
        """Run `handler(event, context)`, in a thread, whenever the Lambda function of this name is invoked.

        It may use clients of the emulator and must not move the clock: that waits until the handler is done.
        """
        self.call(lambda engine: engine.functions.handlers.update({name: handler}))

    def outbox(self) -> list[Captured]:
        """Return what left for a world that is not emulated, oldest first."""
        return self.call(lambda engine: list(engine.outbox))

    def _await(self, function: Callable[[Engine], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        return self._thread.run(lambda: function(self._engine), seconds)

    async def _await_async(self, function: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        return await self._thread.run_async(lambda: function(self._engine))

    async def _live(self, stop: asyncio.Event) -> None:
        async with self._engine:
            await stop.wait()
            if self._server is not None:
                await self._server.end()

    async def _serve(self) -> str:
        if self._server is None:
            self._server = _RunningServer(self._engine)
        await self._server.started.wait()
        return self._server.url

    def _session(self) -> Any:
        try:
            # Only those who ask for a client need it.
            import boto3  # noqa: PLC0415
            import botocore.session  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "Clients of the emulator need boto3: pip install pocketbus[demo]"
            ) from error
        core = botocore.session.Session(_NO_USER_SETTINGS)
        core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
        session = boto3.Session(botocore_session=core)
        session.events.register("before-send", self._answer)
        return session

    def _client_options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "region_name": self._config.region,
            # Answers name the address that a client used: the server's, as soon as there is one to be reached there.
            "endpoint_url": _ENDPOINT if self._server is None else self._server.url,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            **options,
        }

    def _answer(self, request: Any, **_: Any) -> Any:
        """Answer a request of botocore's in the place of its HTTP session."""
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415
        from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415

        answer = self._thread.run(lambda: _ask(self._app, _scope(request), _body(request)))
        if answer is None:
            raise ConnectionClosedError(endpoint_url=request.url)
        status, headers, body = answer
        return AWSResponse(request.url, status, headers, _Raw(body))


async def _called(function: Callable[[Engine], T], engine: Engine) -> T:
    return function(engine)


@cache
def _loader(data_path: str | None) -> Any:
    """The AWS models of a data path, read once for all clients: they are most of what a client costs."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - only those who ask for a client need it

    return create_loader(data_path)


class _LoopThread:
    """An event loop in a thread, with `life` as its main task; what was handed over before the end is finished."""

    def __init__(self, life: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._life = life
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main()), name="pocketbus", daemon=True
        )
        self._ready = threading.Event()

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def run(self, function: Callable[[], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        """Await a coroutine function on the loop; it is cancelled when the calling thread is interrupted."""
        seconds = _ANSWER_SECONDS if seconds is None else seconds
        future = self._submit(function)
        try:
            wait([future], seconds)
            if future.done():
                return future.result()
        finally:
            future.cancel()
        raise TimeoutError(
            f"The emulator has not answered for {seconds:g} seconds; "
            "is this a long poll under a frozen clock that nobody moves?"
        )

    async def run_async(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the same from another event loop, which goes on meanwhile."""
        return await asyncio.wrap_future(self._submit(function))

    def stop(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _submit(self, function: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        # Under the lock, so that nothing is handed to a loop after it was told to stop.
        with self._lock:
            if self._loop is None:
                raise RuntimeError("The emulator runs only inside its with block.")
            return asyncio.run_coroutine_threadsafe(function(), self._loop)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._life(self._stop)
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        if unfinished:
            await asyncio.wait(unfinished, timeout=_END_SECONDS)


class _RunningServer:
    """The HTTP server of an engine on a free port, as a task of the running loop."""

    def __init__(self, engine: Engine) -> None:
        self.started = asyncio.Event()
        listener = listen("127.0.0.1", 0)
        self.url = url_of(listener)
        self._server = Server(engine, base_url=self.url, on_ready=self.started.set)
        self._task = asyncio.create_task(self._server.serve(listener))

    async def end(self) -> None:
        self._server.end()
        await self._task


class _Raw(BytesIO):
    """A body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


async def _ask(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
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
