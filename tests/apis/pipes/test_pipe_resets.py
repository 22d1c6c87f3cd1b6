"""A reset and an import leave nothing of the pipes that there were."""

import threading
from collections.abc import Callable

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_state, import_state
from tests.pocketbus.journal.traffic import ARN, Traffic
from tests.turns import until

STREAM = {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}}


def imported(engine: Engine) -> None:
    import_state(engine, export_state(Engine()))


@pytest.mark.parametrize("forget", [Engine.reset, imported])
async def test_what_a_pipe_had_under_way_is_not_gone_on_with(forget: Callable[[Engine], None]) -> None:
    calls: list[object] = []
    may_fail = threading.Event()

    def enrich(event: object, _context: object) -> None:
        calls.append(event)
        may_fail.wait(60)
        raise ValueError

    async with Engine() as engine:
        engine.freeze()
        traffic = Traffic(engine, 1)
        engine.functions.handle("f", enrich)
        await traffic.make_queues("target")
        source = ARN("kinesis", "stream/clicks")
        await traffic.pipe(
            "fed", "", "target", Source=source, Enrichment=ARN("lambda", "function:f"), **STREAM
        )
        await engine.elapse(1)
        await traffic.control("POST", "pipes/fed/records", body=b'{"records": [{"data": "one"}]}')
        await until(lambda: calls)
        forget(engine)
        may_fail.set()
        await engine.elapse(3600)

        assert len(calls) == 1
