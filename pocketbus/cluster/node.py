"""A node of a cluster, as the application that a server serves: each request goes to the writer of its shard."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pocketbus.apis.call import Headers
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.json import render
from pocketbus.apis.control.prefixes import HEALTH, PUBLIC, is_control
from pocketbus.apis.guard import Guard
from pocketbus.apis.services import SERVICES
from pocketbus.cluster.address import Address
from pocketbus.cluster.arriving import ARRIVALS, Arriving
from pocketbus.cluster.connection import Connection, UnreachableError
from pocketbus.cluster.forwarding import FORWARDED, BrokenOffError, Forwarding, NotThereError, break_off
from pocketbus.cluster.logs import Logs, SettingsError
from pocketbus.cluster.looking import choice, chosen, remembered
from pocketbus.cluster.neighbours import Neighbours
from pocketbus.cluster.routing import account_of, named_shard, shard_of, without_shard
from pocketbus.cluster.shard import Role, Served, Shard
from pocketbus.cluster.unavailable import unavailable
from pocketbus.emulator.config import Config
from pocketbus.emulator.ids import token
from pocketbus.emulator.version import VERSION
from pocketbus.inspector.visit import ROOT

HOLD_SECONDS: Final = 4.5
"""A request waits that long for a writer, before it is answered with an error."""
_AGAIN_SECONDS: Final = 0.1
_HEALTHS: Final = ("/_pocketbus/health", HEALTH)
_CLUSTER: Final = "/_pocketbus/cluster"
_STATIC: Final = f"{ROOT}/static/"


class ClusterNode:
    """Serves all shards: those that it writes, and those that it knows the writers of."""

    def __init__(
        self,
        address: Address,
        config: Config,
        shards: int,
        make: Callable[[int], Served],
        fail: Callable[[str], object],
    ) -> None:
        """`fail` hears why this node cannot be part of the cluster, if so."""
        self.name = ""
        self.url = ""
        """Where the other nodes reach this one."""
        self._address = address
        self._config = config
        self._count = shards
        self._make = make
        self._fail = fail
        self._forwarding = Forwarding()
        self._guard = Guard(config.allow_origins, config.allow_hosts)
        self._shards: list[Shard] = []
        self._neighbours: Neighbours | None = None
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None

    # Its life, as a server has it

    async def __aenter__(self) -> Self:
        self._opening = asyncio.get_running_loop().create_task(self._open())
        return self

    async def _open(self) -> None:
        try:
            self._connection = connection = await Connection.open(self._address)
            logs = Logs(connection, self._address, self._count)
            await logs.make(self._config)
        except SettingsError as error:
            self._fail(str(error))
            return
        neighbours = self._neighbours = Neighbours(connection, self._address.name, self.name)
        self._shards = [
            Shard(number, self.name, self.url, logs, self._make, neighbours.patience, self._post)
            for number in range(self._count)
        ]
        for shard in self._shards:
            shard.start()
        await neighbours.run(self._shards)

    def release_waiters(self) -> None:
        """Answer every long poll here with nothing."""
        for shard in self._shards:
            if shard.term is not None and shard.engine is not None:
                shard.engine.release_waiters()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        await asyncio.gather(*(shard.leave() for shard in self._shards))
        await asyncio.gather(*(shard.close() for shard in self._shards))
        await self._forwarding.close()
        if self._connection is not None:
            await self._connection.close()

    # Requests

    def answer(self, scope: Scope, headers: Headers, receive: Receive, body: bytes) -> ASGIApp:
        """Return what answers a request whose body is here."""
        found = self._shard(scope, body)
        if not isinstance(found, Shard):
            return found
        running = found.running
        if running is None or self._local(scope) is not scope:
            app: ASGIApp = _Elsewhere(self, found, body)
        else:
            app = running.answer(scope, headers, receive, body)
        return remembered(app, found.number) if self._is_named(scope) else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        found = self._shard(scope, b"")
        await (_Elsewhere(self, found, None) if isinstance(found, Shard) else found)(scope, receive, send)

    def _shard(self, scope: Scope, body: bytes) -> Shard | ASGIApp:
        """Return the shard that is to answer, or an answer."""
        path = scope["path"]
        if path in _HEALTHS:
            return self._health()
        if path == _CLUSTER:
            return _json(200, self.told())
        if not self._shards:
            return unavailable(scope, "The log of the cluster is not there yet.")
        if path == ARRIVALS:
            return self._arriving(scope)
        number = self._number(scope, body)
        if number is None:
            return choice(ROOT, self._count) if path == ROOT else _json(400, {"error": self._which_shard()})
        return self._shards[number]

    def _which_shard(self) -> str:
        if self._count == 1:
            return "There is one shard: shard=0."
        return (
            f"The accounts are spread over {self._count} shards: name an account with account=, or a shard with "
            f"shard=0 to shard={self._count - 1}."
        )

    def _arriving(self, scope: Scope) -> ASGIApp:
        """Return what takes in what another node has carried to a shard here."""
        number = named_shard(scope, self._count)
        if number is None:
            return _json(400, {"error": self._which_shard()})
        return Arriving(self._guard, self._shards[number].arrive)

    async def _post(self, shard: int, carriage: bytes) -> bytes:
        """Have the writer of a shard take a carriage, and return its answer. Raise UnreachableError."""
        found = self._shards[shard]
        if found.term is not None:
            return await found.arrive(carriage)
        if found.writer.node in {"", self.name}:
            raise UnreachableError(f"nobody is known to write shard {shard}")
        return await self._forwarding.post(found.writer, self.name, f"{ARRIVALS}?shard={shard}", carriage)

    def _number(self, scope: Scope, body: bytes) -> int | None:
        """Return which shard is meant; None: a control path names none."""
        path = scope["path"]
        if path in PUBLIC or path.startswith(_STATIC):
            return 0
        if is_control(path):
            named = named_shard(scope, self._count)
            return chosen(scope, self._count) if named is None else named
        if self._count == 1:
            return 0
        return shard_of(account_of(scope, body, self._config.account), self._count)

    def _is_named(self, scope: Scope) -> bool:
        """Tell whether the first page names what a browser is to look at, asked for here."""
        if self._count == 1 or scope["path"] != ROOT or _is_forwarded(scope):
            return False
        return named_shard(scope, self._count) is not None

    def _local(self, scope: Scope) -> Scope:
        return without_shard(scope) if is_control(scope["path"]) else scope

    async def have_answered(
        self, shard: Shard, scope: Scope, receive: Receive, send: Send, body: bytes | None
    ) -> None:
        """Have a request answered by the writer of its shard; where there is none, wait for it."""
        forwarded = _is_forwarded(scope)
        with suppress(TimeoutError):
            async with asyncio.timeout(HOLD_SECONDS) as hold:
                while True:
                    running, writer = shard.running, shard.writer
                    if running is not None:
                        hold.reschedule(None)
                        local = self._local(scope)
                        app = (
                            running
                            if body is None
                            else running.answer(local, dict(local["headers"]), receive, body)
                        )
                        await app(local, receive, send)
                        return
                    if writer.node not in {"", self.name} and not forwarded:
                        hold.reschedule(None)
                        if await self._forward(shard, scope, receive, send, body):
                            return
                        hold.reschedule(asyncio.get_running_loop().time() + HOLD_SECONDS)
                    await _soon(shard)
        await unavailable(scope, "No node writes the log now.")(scope, receive, send)

    async def _forward(
        self, shard: Shard, scope: Scope, receive: Receive, send: Send, body: bytes | None
    ) -> bool:
        """Have the writer answer a request; tell whether it is done with. A new writer ends the old one's answers."""
        writer, started = shard.writer, False

        async def pass_on(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        forwarding = asyncio.ensure_future(
            self._forwarding.forward(writer, self.name, scope, receive, pass_on, body)
        )
        changing = asyncio.ensure_future(shard.writer_changed(writer))
        try:
            await asyncio.wait((forwarding, changing), return_when=asyncio.FIRST_COMPLETED)
            if forwarding.done():
                forwarding.result()
                return True
        except NotThereError:
            return False
        except BrokenOffError:
            pass
        finally:
            for task in (forwarding, changing):
                task.cancel()
            await asyncio.wait((forwarding, changing))
            if not forwarding.cancelled():
                forwarding.exception()  # a new writer makes no difference to what the old one was asked
        if started:
            break_off(scope)
        else:
            await unavailable(scope)(scope, receive, send)
        return True

    # What it tells of itself

    def told(self) -> dict[str, Any]:
        """Tell of the node and its shards, for JSON."""
        others = {} if self._neighbours is None else self._neighbours.told()
        return {
            "node": self.name,
            "url": self.url,
            "log": self._address.name,
            "shards": [shard.told() for shard in self._shards],
            "nodes": others,
        }

    def _health(self) -> Answer:
        shards = self._shards
        ready = bool(shards) and all(shard.role is not Role.STARTING for shard in shards)
        told = {
            "status": "ok" if ready else "starting",
            "version": VERSION,
            "services": {service.name: "running" for service in SERVICES},
            "cluster": self.told(),
        }
        return _json(200 if ready else 503, told)


class _Elsewhere:
    """An answer that is asked for elsewhere, waited for, or asked for in another scope."""

    def __init__(self, node: ClusterNode, shard: Shard, body: bytes | None) -> None:
        self._node = node
        self._shard = shard
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._node.have_answered(self._shard, scope, receive, send, self._body)


def _is_forwarded(scope: Scope) -> bool:
    return any(name == FORWARDED for name, _ in scope["headers"])


async def _soon(shard: Shard) -> None:
    """Wait a moment, or until the role of this node changes."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_AGAIN_SECONDS):
            await shard.change()


def _json(status: int, content: dict[str, Any]) -> Answer:
    return Answer(status, b"application/json", token(), render(content))
