"""Clients of what is kept in logs, and the server whose journal they fill."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pocketbus.emulator.config import Config
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.publication import timestamp
from pocketbus.journal.journal import Journal
from pocketbus.journal.opening import open_journal
from pocketbus.journal.replay import prepared
from pocketbus.journal.tier import Tier
from tests.pocketbus.journal.traffic import ARN, Traffic

ROLE = "arn:aws:iam::000000000000:role/worker"


def fail(error: OSError) -> None:
    raise AssertionError(error)


@asynccontextmanager
async def opened(path: Path, tier: Tier | None = None) -> AsyncIterator[tuple[Engine, Journal]]:
    """Serve what is in a folder, until the process ends without a word."""
    engine = prepared(Engine(Config(seed=1)))
    journal = open_journal(engine, path, disk=False, fail=fail, tier=tier)
    async with engine:
        yield engine, journal
        engine.door.close()
    journal.close()


class Clients(Traffic):
    """Clients of what is kept in logs."""

    async def prepare(self) -> None:
        """Make a bus, an archive, a topic that archives, and a queue for each to be replayed into."""
        await self.control("POST", "clock/freeze")
        for name in ("events", "archived", "late.fifo"):
            attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            await self.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes)
        made = await self.call(
            "eventbridgev2", "CreateEventBus", Name="b", StorageConfiguration={"RetentionPeriodInDays": 7}
        )
        self.bus = made["EventBusArn"]
        await self.control("POST", "clock/advance", "by=1")
        bus = ARN("events", "event-bus/default")
        await self.call("events", "CreateArchive", ArchiveName="a", EventSourceArn=bus, RetentionDays=7)
        await self.call(
            "sns",
            "CreateTopic",
            Name="t.fifo",
            Attributes={"FifoTopic": "true", "ArchivePolicy": '{"MessageRetentionPeriod": "7"}'},
        )
        self.archiving_since = timestamp(self.engine.clock.now() + 0.001)
        await self.control("POST", "clock/advance", "by=1")

    async def fill(self, count: int) -> None:
        """Bring so many items into each log."""
        for first in range(0, count, 10):
            numbers = range(first, first + 10)
            entries = [{"Source": "s", "DetailType": "d", "Detail": json.dumps({"n": n})} for n in numbers]
            await self.call("eventbridgev2", "PutEvents", EventBusArn=self.bus, Entries=entries)
            await self.call("events", "PutEvents", Entries=entries)
            await self.call(
                "sns",
                "PublishBatch",
                TopicArn=ARN("sns", "t.fifo"),
                PublishBatchRequestEntries=[
                    {
                        "Id": str(n),
                        "Message": str(n),
                        "MessageGroupId": "g",
                        "MessageDeduplicationId": f"{self.engine.clock.now()}-{n}",
                    }
                    for n in numbers
                ],
            )

    async def follow(self, name: str, pattern: str | None = None) -> None:
        """Have a subscriber go through the log of the bus from its beginning."""
        filters = {"Filters": [{"Scope": "DATA", "Pattern": pattern}]}
        await self.call(
            "eventbridgev2",
            "CreateSubscriber",
            Name=name,
            EventBusArn=self.bus,
            InvokeConfiguration={"TargetArn": ARN("sqs", "events"), "RoleArn": ROLE},
            **({} if pattern is None else {"FilterConfiguration": filters}),
            StartingPosition="POINT_IN_TIME",
            PointInTimeConfiguration={"PointType": "HORIZON"},
        )

    async def replay_all(self) -> None:
        """Have everything sent again: to a subscriber, to a rule, to a late queue of the topic."""
        await self.follow("late")
        await self.call("events", "PutRule", Name="r", EventPattern='{"source": ["s"]}')
        target = {"Id": "q", "Arn": ARN("sqs", "archived")}
        await self.call("events", "PutTargets", Rule="r", Targets=[target])
        await self.call(
            "events",
            "StartReplay",
            ReplayName="r",
            EventSourceArn=ARN("events", "archive/a"),
            EventStartTime=self.engine.clock.now() - 3600,
            EventEndTime=self.engine.clock.now() + 3600,
            Destination={"Arn": ARN("events", "event-bus/default")},
        )
        await self.subscribe_late()
        await self.control("POST", "clock/advance", "by=60")

    async def subscribe_late(self) -> None:
        """Have a queue get all that the topic has archived."""
        await self.call(
            "sns",
            "Subscribe",
            TopicArn=ARN("sns", "t.fifo"),
            Protocol="sqs",
            Endpoint=ARN("sqs", "late.fifo"),
            Attributes={
                "RawMessageDelivery": "true",
                "ReplayPolicy": json.dumps({"PointType": "Timestamp", "StartingPoint": self.archiving_since}),
            },
        )


def numbers_in(engine: Engine, name: str) -> list[int]:
    """Return what a queue holds."""
    queue = engine.resources[ARN("sqs", name)]
    assert isinstance(queue, Queue)
    bodies = (json.loads(message.content.body) for message in queue)
    return [body["detail"]["n"] if isinstance(body, dict) else body for body in bodies]


def chunks_in(path: Path) -> list[Path]:
    return sorted((path / "logs").glob("*.chunk"))


def bus_of(engine: Engine) -> CustomBus:
    (bus,) = (one for one in engine.resources.values() if isinstance(one, CustomBus))
    return bus
