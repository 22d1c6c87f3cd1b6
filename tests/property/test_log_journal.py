"""The same histories with a journal: ended without a word and begun again, from inputs and from chunks in files."""

import asyncio
import json
import tempfile
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.logs import log as log_module
from pocketbus.journal.journal import Journal
from tests.pocketbus.journal.clients import ROLE, opened
from tests.pocketbus.journal.traffic import ARN, Traffic
from tests.property.fuzz import USUAL, cases
from tests.property.test_log_model import STEPS, History, go_through

FEW = 3
"""So many events are a chunk here."""


class Journaled(History):
    """A server with a journal, and beside it what its bus should do."""

    def __init__(self, runner: asyncio.Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.puts, self.known, self.wanted = [], {}, {}
        self.context: AbstractAsyncContextManager[tuple[Engine, Journal]] | None = None
        self.begin()
        self.control("clock/freeze")
        self.control("clock/set", "at=1000000")
        made = self.call("eventbridgev2", "CreateEventBus", Name="b")
        self.bus_arn = made["EventBusArn"]
        self.control("clock/advance", "by=1")

    def begin(self) -> None:
        self.context = opened(self.folder)
        self.engine, _ = self.runner.run(self.context.__aenter__())
        self.clients = Traffic(self.engine, 1)

    def end(self) -> None:
        if self.context is not None:
            self.runner.run(self.context.__aexit__(None, None, None))

    def restart(self) -> None:
        self.end()
        self.begin()

    def call(self, service: str, operation: str, **params: Any) -> Any:
        return self.runner.run(self.clients.call(service, operation, **params))

    def control(self, path: str, query: str = "") -> None:
        self.runner.run(self.clients.control("POST", path, query))

    def publish(self, number: int, kind: str, group: str | None, unique_id: str | None) -> str:
        ids = {"EventGroupId": group, "DeduplicationId": unique_id}
        entry = {
            "Data": json.dumps({"kind": kind, "number": number}, separators=(",", ":")).encode(),
            "SystemMetadata": {"ContentType": "application/json"}
            | {name: value for name, value in ids.items() if value is not None},
        }
        answer = self.call("eventbridgev2", "PutRawEvents", EventBusArn=self.bus_arn, Entries=[entry])
        self.settle()
        return str(answer["Entries"][0]["SuccessCode"])

    def follow(
        self, number: int, pattern: str | None, ordering: str, start: str, at: float, *, running: bool
    ) -> None:
        retention = {"MessageRetentionPeriod": "1209600"}
        self.call("sqs", "CreateQueue", QueueName=f"q{number}", Attributes=retention)
        since = self.bus.retained_since(self.now)
        if at < since:  # then all there is is from then on, which is no starting point
            start = "earliest" if start == "instant" else start
        starts: dict[str, dict[str, Any]] = {
            "latest": {},
            "earliest": {"PointType": "HORIZON"},
            "instant": {"PointType": "TIMESTAMP", "StartingPoint": datetime.fromtimestamp(at, UTC)},
        }
        where = starts[start]
        filters = {"FilterConfiguration": {"Filters": [{"Scope": "DATA", "Pattern": pattern}]}}
        self.call(
            "eventbridgev2",
            "CreateSubscriber",
            Name=f"s{number}",
            EventBusArn=self.bus_arn,
            Type=ordering,
            State="RUNNING" if running else "STOPPED",
            InvokeConfiguration={"TargetArn": ARN("sqs", f"q{number}"), "RoleArn": ROLE},
            BatchConfiguration={"MaxBatchSize": 3},
            StartingPosition="POINT_IN_TIME" if where else "LATEST",
            **({"PointInTimeConfiguration": where} if where else {}),
            **(filters if pattern else {}),
        )
        self.settle()

    def stop(self, subscriber: Subscriber) -> None:
        self.call("eventbridgev2", "UpdateSubscriber", SubscriberArn=subscriber.arn, State="STOPPED")

    def start(self, subscriber: Subscriber, *, at_latest: bool) -> None:
        position = {"ResumePosition": "LATEST"} if at_latest else {}
        self.call(
            "eventbridgev2", "UpdateSubscriber", SubscriberArn=subscriber.arn, State="RUNNING", **position
        )
        self.settle()

    def advance(self, seconds: float) -> None:
        self.control("clock/advance", f"by={seconds}")

    def settle(self) -> None:
        """Wait until everybody has had all turns that were due."""
        self.runner.run(self.engine.tasks.quiet())


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "CHUNK_ITEMS", FEW)


@pytest.mark.usefixtures("_small_chunks")
@settings(
    max_examples=max(cases(100) // 4, 5),
    deadline=None,
    derandomize=USUAL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=25))
def test_every_subscriber_sees_exactly_what_matches_across_restarts_with_the_journal(
    steps: list[Any],
) -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        history = Journaled(runner, Path(folder))
        try:
            go_through(history, [*steps, ("restart",)])
        finally:
            history.end()
