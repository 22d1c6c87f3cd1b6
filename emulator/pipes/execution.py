"""One execution of a pipe: a batch on its way from the records through an enrichment to the target."""

from collections.abc import Mapping
from functools import partial

from msgspec import Struct

from pocketbus.emulator.buses.bus_log import Level
from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.pipes.calling import Answer, Calling
from pocketbus.emulator.pipes.events import Events, PipeEvent, StageFailed, enriched, subject_of
from pocketbus.emulator.pipes.pipe_log import PipeLog
from pocketbus.emulator.pipes.pipe_settings import PipeSettings, Stage, Way
from pocketbus.emulator.pipes.sources import SourceKind
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.consumer import Handled
from pocketbus.emulator.polling.sqs_event import BadReportError, reported
from pocketbus.emulator.time.duration import iso
from pocketbus.emulator.trouble.incident import Incident
from pocketbus.rules.pipe_template import PipeTemplate

_ENRICHMENT, _TARGET = "ENRICHMENT", "TARGET"
_ANSWERING = frozenset({Way.FUNCTION, Way.API_DESTINATION})


class Course(Struct, frozen=True):
    """What all executions of a pipe have in common for as long as its settings stay."""

    pipe_arn: str
    source: str
    kind: SourceKind
    settings: PipeSettings
    templates: Mapping[str, PipeTemplate]
    """Those of ENRICHMENT and TARGET, where there are any."""
    core: Core

    def variables(self, now: float) -> dict[str, str]:
        """Return what templates may name besides the event."""
        enrichment = self.settings.enrichment
        variables = {
            "pipe-arn": self.pipe_arn,
            "pipe-name": self.pipe_arn.rpartition("/")[2],
            "source-arn": self.source,
            "enrichment-arn": "" if enrichment is None else enrichment.arn,
            "target-arn": self.settings.target.arn,
            "event.ingestion-time": iso(now),
        }
        return {f"aws.pipes.{name}": value for name, value in variables.items()}


class Execution:
    """One batch on its way through a pipe."""

    def __init__(self, course: Course, batch: Batch) -> None:
        core = course.core
        self._course = course
        self._settings = course.settings
        self._batch = batch
        self._core = core
        self._id = core.door.once(core.ids.uuid)
        self._calling = Calling(course.pipe_arn, self._id, core)
        self._log = PipeLog(course.pipe_arn, self._id, course.settings.log, core)

    async def run(self, now: float) -> Handled:
        """Raise EngineError if a stage fails with all events."""
        batch = self._batch
        self._core.door.once(partial(self._begin, now))
        parts = zip(batch.texts, batch.message_ids, strict=True)
        events = Events(tuple(PipeEvent(text, message_id) for text, message_id in parts))
        if self._settings.enrichment is not None:
            events = await self._enrich(self._settings.enrichment, events)
        failed = await self._hand_to_target(self._settings.target, events) if events.events else {}
        return self._end(failed)

    def _begin(self, now: float) -> None:
        batch = self._batch
        why = f"in a batch of {len(batch)}"
        for message_id in batch.message_ids:
            self._core.trace.record(now, "piped", self._course.pipe_arn, message_id, why)
        self._log.write("EXECUTION_STARTED", Level.INFO, batch.array)

    async def _enrich(self, stage: Stage, events: Events) -> Events:
        answer = await self._give(_ENRICHMENT, stage, events)
        if answer.refused:
            raise StageFailed(next(iter(answer.refused.values())))
        if answer.said is None:
            return events
        result = enriched(answer.said, self._course.kind.identifier, self._batch.records)
        self._core.door.once(partial(self._say_what_became, events, result))
        return result

    def _say_what_became(self, before: Events, after: Events) -> None:
        """Events that nobody knows the messages of go on by the id of the execution."""
        unknown = any(event.message_id is None for event in after.events)
        why = f"{len(before.events)} events became {len(after.events)}"
        now, became = self._core.clock.now(), self._id if unknown else ""
        for message_id in self._batch.message_ids:
            self._core.trace.record(now, "enriched", self._course.pipe_arn, message_id, why, became)

    async def _hand_to_target(self, stage: Stage, events: Events) -> dict[str, str]:
        """Return which messages the target has not taken, and why."""
        if stage.most is not None and len(events.events) > stage.most:
            raise StageFailed(
                f"the enrichment returned {len(events.events)} events, the target takes {stage.most}"
            )
        answer = await self._give(_TARGET, stage, events)
        if stage.way in _ANSWERING:
            return self._reported(answer.said or "", is_json=stage.way is Way.FUNCTION)
        failed: dict[str, str] = {}
        for number, why in answer.refused.items():
            message_id = events.events[number].message_id
            if message_id is None:  # nobody knows which message it comes from
                raise StageFailed(why)
            failed[message_id] = why
        return failed

    def _reported(self, said: str, *, is_json: bool) -> dict[str, str]:
        """Return what the target itself says it could not handle. Any text of an API is a success."""
        try:
            failed = reported(said.encode(), self._batch.message_ids)
        except BadReportError as error:
            if is_json or "batchItemFailures" in said:
                raise StageFailed(f"the whole batch: {error}") from error
            return {}
        return dict.fromkeys(failed, "the target has reported it")

    async def _give(self, name: str, stage: Stage, events: Events) -> Answer:
        """Give a stage the events as its template makes them."""
        once = self._core.door.once
        once(partial(self._let_faults_strike, stage))
        subjects = [subject_of(event, self._course.kind) for event in events.events]
        template = self._course.templates.get(name)
        if template is not None:
            variables = self._course.variables(once(self._core.clock.now))
            try:
                events = events.with_texts([template.fill(subject, variables) for subject in subjects])
            except ValueError as error:
                raise StageFailed(f"the input template does not fit an event: {error}") from None
        given = "\n".join(event.text for event in events.events) if self._log.wants(Level.TRACE) else ""
        once(partial(self._log.write, f"{name}_INVOCATION_STARTED", Level.TRACE, given))
        answer = await self._calling.call(stage, events, [subject.event for subject in subjects])
        once(partial(self._log.write, f"{name}_INVOCATION_SUCCEEDED", Level.TRACE, answer.said or ""))
        return answer

    def _let_faults_strike(self, stage: Stage) -> None:
        faults = self._core.faults
        if faults.active:
            _, _, _, region, account, _ = self._course.pipe_arn.split(":", 5)
            places = (stage.arn, self._course.pipe_arn)
            subject = self._batch.message_ids[0]
            faults.of_delivery(Incident("pipes", "a delivery", places, account, region, subject))

    def fail(self, error: EngineError) -> Handled:
        """Have the whole batch fail."""
        return self._end(dict.fromkeys(self._batch.message_ids, error.message))

    def _end(self, failed: Mapping[str, str]) -> Handled:
        now = self._core.clock.now()
        for message_id, why in failed.items():
            self._core.trace.record(now, "failed", self._course.pipe_arn, message_id, why)
        if not failed:
            self._log.write("EXECUTION_SUCCEEDED", Level.INFO)
            return Handled()
        whole = len(failed) == len(self._batch)
        step = "EXECUTION_FAILED" if whole else "EXECUTION_PARTIALLY_FAILED"
        self._log.write(step, Level.ERROR, self._batch.array, next(iter(failed.values())))
        return Handled(frozenset(failed), slow_down=whole)
