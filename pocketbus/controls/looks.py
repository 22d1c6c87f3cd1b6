"""What is there, what happened, and why: looks that change nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from pocketbus.controls.calls import Calls
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.consumers import (
    explain_consumers,
    explain_record,
    explain_schedule,
    find_pipe,
)
from pocketbus.emulator.inspection.explanation import (
    Verdict,
    explain_event,
    explain_passed,
    explain_publication,
)
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.lists import all_of
from pocketbus.emulator.inspection.look import MessageView, messages
from pocketbus.emulator.inspection.sample import sample_event, sample_json, sample_publication, sample_record
from pocketbus.emulator.inspection.trace import Record, Selection
from pocketbus.emulator.schedules.scheduler_scope import DEFAULT_GROUP
from pocketbus.emulator.time.duration import instant_of
from pocketbus.emulator.topics.topic import Topic


class LookControls(Calls):
    """Shows messages and resources, tells their stories, and asks rules and subscriptions for their reasons."""

    def trace(
        self,
        subject: str | None = None,
        *,
        resource: str | None = None,
        verb: str | None = None,
        since: float | str | None = None,
        until: float | str | None = None,
    ) -> list[Record]:
        """Return what happened, oldest first; with a message id or event id, its whole story."""
        selection = Selection(
            resource,
            verb,
            None if since is None else instant_of(since),
            None if until is None else instant_of(until),
        )

        def select(engine: Engine) -> list[Record]:
            records = self._records(engine) if subject is None else engine.trace.story(subject)
            return [record for record in records if selection.admits(record)]

        return self.call(select)

    def _records(self, engine: Engine) -> Iterable[Record]:
        return engine.trace

    def messages(self, queue: str) -> list[MessageView]:
        """Return the messages of a queue in every state, without receiving them."""
        return self.call(lambda engine: list(messages(self._queue(engine, queue), engine.clock.now())))

    def look(self, noun: str) -> list[Any]:
        """Return all there is of one of LISTS: queues, topics, rules, schedules, functions, mappings and so on."""
        return self.call(lambda engine: all_of(noun, engine))

    def explain_event(self, event: Mapping[str, Any] | str, bus: str = DEFAULT_BUS) -> list[Verdict]:
        """Ask every rule of a bus about an event, or about an entry of PutEvents."""

        def explain(engine: Engine) -> list[Verdict]:
            asked = find(engine, Bus, bus, self.account, self.region)
            return list(explain_event(asked, sample_event(event, asked, engine.clock.now())))

        return self.call(explain)

    def explain_message(
        self, message: str, topic: str, attributes: Mapping[str, Any] | None = None
    ) -> list[Verdict]:
        """Ask every subscription of a topic about a message; attributes are texts, numbers, lists, or SNS's own."""
        publication = sample_publication(message, attributes)

        def explain(engine: Engine) -> list[Verdict]:
            asked = find(engine, Topic, topic, self.account, self.region)
            return list(explain_publication(asked, publication))

        return self.call(explain)

    def explain_queue(
        self, message: str, queue: str, attributes: Mapping[str, Any] | None = None
    ) -> list[Verdict]:
        """Ask every event source mapping and every pipe of a queue about a message."""
        record = sample_record(message, attributes)
        return self.call(lambda engine: list(explain_consumers(engine, self._queue(engine, queue), record)))

    def explain_record(self, record: Mapping[str, Any] | str, pipe: str) -> Verdict:
        """Ask a pipe about a record as its source gives it."""

        def explain(engine: Engine) -> Verdict:
            asked = find_pipe(engine, pipe, self.account, self.region)
            return explain_record(asked, sample_json(record), engine.clock.now())

        return self.call(explain)

    def explain_schedule(
        self, name: str, group: str = DEFAULT_GROUP, at: float | str | None = None
    ) -> Verdict:
        """Ask a schedule whether it is due at an instant or, of none, ever again."""
        instant = None if at is None else instant_of(at)
        place = (self.account, self.region)
        return self.call(lambda engine: explain_schedule(engine, name, group, instant, place))

    def feed(self, pipe: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Give a pipe the records that its source would give it, if that is not emulated; return their ids."""
        given = [dict(record) for record in records]

        def feed(engine: Engine) -> list[str]:
            fed = find_pipe(engine, pipe, self.account, self.region)
            if fed.polls:
                raise ValueError(f"The source of {pipe} is a queue: send the messages there.")
            return fed.feed(given, engine.clock.now())

        return self.call(feed)

    def explain(self, subject: str) -> list[Verdict]:
        """Ask those who are there now about an event or publication that passed lately, by its id."""
        return self.call(lambda engine: list(explain_passed(engine, subject)))
