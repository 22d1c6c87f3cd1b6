"""Two engines that share the accounts, and who carries between them, as the nodes of a cluster do."""

import json
from collections.abc import Coroutine
from typing import Any

from pocketbus.apis.app import create_app
from pocketbus.apis.services import SERVICES
from pocketbus.cluster.part import Group
from pocketbus.emulator.config import Config
from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.shards.channels import Answer, Carriage
from pocketbus.emulator.shards.shards import Shards
from pocketbus.emulator.state.document import moment_lines
from pocketbus.emulator.state.standing import told_of
from pocketbus.journal.record import Record, dumps, loads, records_of
from pocketbus.journal.replay import Replay
from tests.apis.asgi import ask
from tests.property.world import protocols, read, request_of, written_of

ACCOUNTS = ("000000000000", "111111111111")
"""The account of each side: its number is the first digit."""
_MOST_CARRIAGES = 100
_SERVICES = {service.name: service for service in SERVICES}


class RefusedError(Exception):
    """An operation was answered with an error."""


class Inputs:
    """A journal in memory."""

    def __init__(self) -> None:
        self._group = Group()
        self._lines: list[bytes] = []

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        self._group.add(system_at, at, place, name, arguments)

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        return work

    def records(self) -> list[Record]:
        return list(records_of(b"".join(self._group.pieces(2**40)).split(b"\n")))


class Side:
    """One engine with its inputs, that can end without a word and be made anew of them."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.account = ACCOUNTS[shard]
        self.inputs = Inputs()
        self.engine = self._new()
        self.engine.door.journal = self.inputs
        self._snapshot: tuple[dict[str, Any], list[bytes]] | None = None
        self._behind = 0

    def _new(self) -> Engine:
        engine = Engine(Config(seed=1 + self.shard))
        engine.shards = Shards(self.shard, lambda account: int(account[0]))
        self.app = create_app(engine)
        return engine

    def snapshot(self) -> None:
        """Keep where the engine stands, for the next one to begin there."""
        self.engine.rest()
        self._behind = len(self.inputs.records())
        self._snapshot = dict(told_of(self.engine)), list(moment_lines(self.engine))

    def begin_anew(self) -> None:
        """Have another engine in the place of this one: made of the snapshot and the inputs behind it."""
        self.engine.door.abandon()
        self.engine = self._new()
        replay = Replay(self.engine)
        if self._snapshot is not None:
            for _ in replay.take_up(*self._snapshot):
                pass
        for record in self.inputs.records()[self._behind :]:
            replay.repeat(record)
        self.engine.door.go_live(self.inputs)

    async def call(self, service: str, operation: str, account: str = "", **params: Any) -> Any:
        """Perform an operation. Raise RefusedError."""
        one = _SERVICES[service]
        protocol = protocols(one)[0]
        request = request_of(one, written_of(one, protocol, one.model.operations[operation], params))
        signed = request.headers["authorization"].replace("=test/", f"={account or self.account}/")
        reply = await ask(
            self.app,
            request.body,
            method=request.method,
            path=request.path,
            query=request.query,
            headers={**request.headers, "authorization": signed},
        )
        outcome = read(one, protocol, one.model.operations[operation], reply)
        if outcome.result is None:
            raise RefusedError(reply.text)
        return outcome.result

    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:us-east-1:{self.account}:{name}"

    async def queue(self, name: str) -> str:
        """Make a queue and return its ARN."""
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        await self.call("sqs", "CreateQueue", QueueName=name, Attributes=fifo)
        return self.arn("sqs", name)

    async def topic(self, name: str) -> str:
        fifo = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
        found: str = (await self.call("sns", "CreateTopic", Name=name, Attributes=fifo))["TopicArn"]
        return found

    async def rule(self, name: str, target: str, **more: Any) -> None:
        """Have all events of the source "s" go to a target."""
        await self.call("events", "PutRule", Name=name, EventPattern='{"source": ["s"]}')
        role = (
            {"RoleArn": f"arn:aws:iam::{self.account}:role/r"}
            if ":event-bus/" in target or ":event-busv2/" in target
            else {}
        )
        wanted = {"Id": "1", "Arn": target, **role, **more}
        await self.call("events", "PutTargets", Rule=name, Targets=[wanted])

    async def put(self, number: int, **more: Any) -> Any:
        entry = {"Source": "s", "DetailType": "d", "Detail": json.dumps({"n": number}), **more}
        return await self.call("events", "PutEvents", Entries=[entry])

    def bodies(self, name: str) -> list[str]:
        """Return what a queue holds, in the order in which it came."""
        queue = self.engine.resources[self.arn("sqs", name)]
        assert isinstance(queue, Queue)
        return [message.content.body for message in sorted(queue)]

    def story(self, subject: str) -> list[tuple[str, str]]:
        """Return what the trace tells of a message or event: verbs, and why."""
        return [(record.verb, record.why) for record in self.engine.trace.of(subject)]


class Sides:
    """Both, and the carriages between them, each way."""

    def __init__(self) -> None:
        self.here, self.there = Side(0), Side(1)

    def __iter__(self) -> Any:
        return iter((self.here, self.there))

    def other(self, side: Side) -> Side:
        return self.there if side is self.here else self.here

    def carriage(self, side: Side) -> bytes:
        """Return what leaves a side now."""
        return dumps(list(side.engine.exchange.carriage(self.other(side).shard)))

    def arrive(self, side: Side, carriage: bytes) -> bytes:
        """Bring what has left a side to the other one, and return what that answers."""
        found = self.other(side).engine.exchange.arrive(side.shard, Carriage.of(loads(carriage)))
        return dumps(found.plain)

    def hear(self, side: Side, answer: bytes) -> None:
        side.engine.exchange.hear(self.other(side).shard, Answer.of(loads(answer)))

    def carry(self) -> None:
        """Carry until nothing is on its way."""
        for _ in range(_MOST_CARRIAGES):
            if not any(len(side.engine.exchange) for side in self):
                return
            for side in self:
                self.hear(side, self.arrive(side, self.carriage(side)))
        raise AssertionError("something stays on its way")
