"""A pipe as the consumer of its source: each batch is an execution."""

import json
from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.failures import TransientFailure
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.pipes.execution import Course, Execution
from pocketbus.emulator.pipes.pipe_settings import PipeSettings, Way
from pocketbus.emulator.pipes.sources import ADDED_BY_THE_POLLER, SourceKind, kind_of
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.consumer import Consumer, Handled
from pocketbus.emulator.polling.poller import POLLERS
from pocketbus.rules.event import Event, decode
from pocketbus.rules.pipe_template import compile_template


class PipeConsumer(Consumer):
    """Takes batches through the pipe by one state of its settings."""

    def __init__(self, arn: str, source: str, kind: SourceKind, settings: PipeSettings, core: Core) -> None:
        """Handle what comes from a source, which is of a kind."""
        super().__init__(arn, arn.rpartition("/")[2], settings.target.arn, core)
        self.batch_size = settings.batch_size
        self.window_seconds = settings.window_seconds
        self.concurrency = POLLERS
        self.filters = settings.filters
        stages = {"ENRICHMENT": settings.enrichment, "TARGET": settings.target}
        self.function_arns = tuple(
            dict.fromkeys(stage.arn for stage in stages.values() if stage and stage.way is Way.FUNCTION)
        )
        templates = {
            name: compile_template(stage.template)
            for name, stage in stages.items()
            if stage and stage.template
        }
        self._course = Course(arn, source, kind, settings, templates, core)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what it was made of."""
        return {"arn": self.arn, "course": (self._course.source, self._course.settings), "core": self.core}

    def __setstate__(self, state: dict[str, Any]) -> None:
        source, settings = state["course"]
        kind = kind_of(source)
        if kind is None:
            raise ValueError(f"{source} is no source")
        PipeConsumer.__init__(self, state["arn"], source, kind, settings, state["core"])

    def visible(self, record: Mapping[str, Any]) -> Event:
        """Return a record with its encoded fields as what they stand for, without what the poller adds."""
        visible = {name: part for name, part in record.items() if name not in ADDED_BY_THE_POLLER}
        decoded: Any = self._course.kind.decoded(decode(json.dumps(visible)), decode)
        return Event.from_value(decoded)

    async def handle(self, batch: Batch, now: float) -> Handled:
        """Raise TransientFailure where a stage was not reached: its batch goes through the whole pipe again."""
        execution = Execution(self._course, batch)
        try:
            return await execution.run(now)
        except TransientFailure:
            raise
        except EngineError as error:
            return execution.fail(error)
