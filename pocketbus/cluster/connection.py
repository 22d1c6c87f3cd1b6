"""A node's connection to NATS, and how JetStream's own interface is asked there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.aio.transport import TcpTransport
from nats.errors import Error

from pocketbus.cluster.address import Address

ASK_SECONDS: Final = 0.7
"""Who leads a stream answers within that, or nobody leads it now."""
_MAKING_SECONDS: Final = 5.0
_PING_SECONDS: Final = 0.7
_WAITING_SECONDS: Final = 5.0
_SINGLE: Final = 10074
_TAKEN: Final = 10058
_UNAVAILABLE: Final = 503
_REPLICAS: Final = 3
_log = logging.getLogger("pocketbus")
T = TypeVar("T")


class UnreachableError(Exception):
    """Nobody answers now: what was asked for may have been done or not."""


class RefusedError(Exception):
    """JetStream does not do it; `code` is its own number for why."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error.get("description", "refused"))
        self.code: int = error.get("err_code", 0)


class _Transport(TcpTransport):
    """A connection that ends at once: closing one to a machine that is gone would wait for it, for minutes."""

    def close(self) -> None:
        if self._io_writer is not None:
            self._io_writer.transport.abort()

    def __bool__(self) -> bool:
        """Have the client take this one for its own."""
        return True


class Connection:
    """One connection, that looks for another server whenever the one it has is gone."""

    def __init__(self) -> None:
        self.home = ""
        """The name of the server that it had first: the one of its own machine, if that was up."""
        self.client = Client()
        self.client._transport = _Transport()  # type: ignore[no-untyped-call] # noqa: SLF001 - there is no other way

    @classmethod
    async def open(cls, address: Address) -> Self:
        """Connect, however long it takes until a server is there."""
        found = cls()
        waiting = asyncio.ensure_future(_tell_of_waiting(address))
        try:
            await heeding(
                found.client.connect(
                    list(address.servers),
                    name="pocketbus",
                    dont_randomize=True,
                    connect_timeout=1,
                    reconnect_time_wait=0.2,  # type: ignore[arg-type] # it is slept for
                    max_reconnect_attempts=-1,
                    ping_interval=_PING_SECONDS,  # type: ignore[arg-type]
                    max_outstanding_pings=2,
                    error_cb=_tell,
                )
            )
        finally:
            waiting.cancel()
        told: dict[str, Any] = found.client._server_info  # noqa: SLF001 - there is no other way to know
        found.home = str(told.get("server_name", ""))
        return found

    async def close(self) -> None:
        # The client looks for another server as long as it knows one, whoever cancels that.
        self.client._server_pool.clear()  # noqa: SLF001 - there is no other way
        with suppress(Error, OSError, RuntimeError):  # what is still to be sent may have nowhere to go
            await self.client.close()

    @property
    def max_payload(self) -> int:
        """How many bytes a message may have."""
        return self.client.max_payload

    async def publish(
        self, subject: str, payload: bytes, reply: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a message. Raise UnreachableError."""
        try:
            await self.client.publish(subject, payload, reply, None if headers is None else dict(headers))
        except (Error, OSError) as error:
            raise UnreachableError(str(error)) from error

    async def request(
        self,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None = None,
        seconds: float = ASK_SECONDS,
    ) -> Msg:
        """Send a message and return what answers it. Raise UnreachableError.

        The client has a limit of its own, which takes longer, and no notice of some cancellations: see `heeding`.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self.client.request(
                    subject,
                    payload,
                    timeout=None,  # type: ignore[arg-type] # it is waited for without a limit
                    headers=None if headers is None else dict(headers),
                )
        except (Error, OSError, TimeoutError) as error:
            raise UnreachableError(f"{subject}: {error}") from error

    async def ask(self, what: str, body: Any = None, seconds: float = ASK_SECONDS) -> dict[str, Any]:
        """Ask JetStream for something. Raise UnreachableError, RefusedError."""
        payload = b"" if body is None else orjson.dumps(body)
        return answered(await self.request(f"$JS.API.{what}", payload, seconds=seconds))

    async def listen(self, subject: str, hear: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Have messages heard, now and on every connection from now on."""
        return await self.client.subscribe(subject, cb=hear)

    async def make_stream(self, config: Mapping[str, Any]) -> int:
        """Make a stream, in three copies where there are three servers, if it is not there; return how many it has.

        Raise UnreachableError, RefusedError.
        """
        name = config["name"]
        for replicas in (_REPLICAS, 1):
            try:
                made = {**config, "num_replicas": replicas}
                found = await self.ask(f"STREAM.CREATE.{name}", made, seconds=_MAKING_SECONDS)
            except RefusedError as error:
                if error.code not in {_SINGLE, _TAKEN}:
                    raise
            else:
                return int(found["config"]["num_replicas"])
        found = await self.ask(f"STREAM.INFO.{name}", seconds=_MAKING_SECONDS)
        return int(found["config"]["num_replicas"])


async def heeding(call: Awaitable[T]) -> T:
    """Return what a call of NATS's client returns; where the task was cancelled meanwhile, end as it should.

    The client waits with `asyncio.wait_for`, which before Python 3.12 takes no notice of a cancellation that comes
    together with what it waits for (https://github.com/python/cpython/issues/86296).
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a task is what can be cancelled")
    cancelled = task.cancelling()
    try:
        return await call
    finally:
        if task.cancelling() > cancelled:
            raise asyncio.CancelledError


def answered(message: Msg) -> dict[str, Any]:
    """Read an answer of JetStream. Raise UnreachableError, RefusedError."""
    found: dict[str, Any] = orjson.loads(message.data)
    error = found.get("error")
    if error is not None:
        if error.get("code") == _UNAVAILABLE:
            raise UnreachableError(error.get("description", ""))
        raise RefusedError(error)
    return found


async def _tell_of_waiting(address: Address) -> None:
    """Log where nobody answers, without the passwords."""
    hosts = ", ".join(server.rpartition("//")[2].rpartition("@")[2] for server in address.servers)
    while True:
        await asyncio.sleep(_WAITING_SECONDS)
        _log.warning("no server of NATS can be reached at %s; it is tried again and again", hosts)


async def _tell(error: Exception) -> None:
    _log.debug("NATS: %r", error)
