"""An event source mapping: one more consumer of a queue, which has a function handle what it receives.

Nothing is polled: the queue hands over as it does to a long poll, a worker that becomes free asks for more.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import OverLimit
from pocketbus.emulator.functions.batch import Batch
from pocketbus.emulator.functions.handling import Handling
from pocketbus.emulator.functions.invocation import NoWorkers, name_of
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.functions.sqs_event import filterable, record_of
from pocketbus.emulator.limits import RECEIVE_MESSAGES
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest
from pocketbus.emulator.queues.waiting import Standing
from pocketbus.emulator.time.alarm import Alarm
from pocketbus.rules.explain import explain

CREATING, ENABLING, UPDATING, DISABLING, DELETING = (
    "Creating",
    "Enabling",
    "Updating",
    "Disabling",
    "Deleting",
)
ENABLED, DISABLED = "Enabled", "Disabled"

POLLERS = 5
"""How many invocations there are at a time, if the mapping says nothing of it. AWS goes up from there."""


class EventSourceMapping:
    """One mapping. A change is over, and a deleted mapping gone, as soon as the clock has moved."""

    def __init__(
        self,
        uuid: str,
        arn: str,
        queue_arn: str,
        settings: MappingSettings,
        tags: Mapping[str, str],
        core: Core,
        now: float,
    ) -> None:
        self.uuid = uuid
        self.arn = arn
        self.queue_arn = queue_arn
        self.settings = settings
        self.tags = dict(tags)
        self.modified_at = now
        self._change = CREATING if settings.enabled else DISABLED
        self._core = core
        self._open()
        self.resume()

    def _open(self) -> None:
        self._active = self._pumping = self._turn_ends = False
        self._waiting: Standing[ReceiveRequest, Received] | None = None
        self._gathering: Batch | None = None
        self._ready: deque[Batch] = deque()
        self._handling = Handling(self.arn, self._core, self._pump)
        self._window = Alarm(self._core.timers, self._end_of_window)
        self._said = ""

    def __getstate__(self) -> dict[str, Any]:
        """Tell what is set. What is under way is in flight in the queue, and comes back to it."""
        names = ("uuid", "arn", "queue_arn", "settings", "tags", "modified_at", "_change", "_core")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    # States

    def state(self, now: float) -> str:
        if now > self.modified_at and self._change != DELETING:
            return ENABLED if self.settings.enabled else DISABLED
        return self._change

    def in_transition(self, now: float) -> bool:
        return self.state(now) not in {ENABLED, DISABLED}

    def gone(self, now: float) -> bool:
        return self._change == DELETING and now > self.modified_at

    def configure(self, settings: MappingSettings, now: float) -> None:
        """Replace the settings; what has been received ends by the old ones."""
        if settings.enabled != self.settings.enabled:
            self._change = ENABLING if settings.enabled else DISABLING
        else:
            self._change = UPDATING
        self._stop(now)
        self.settings = settings
        self.modified_at = now
        self.resume()

    def delete(self, now: float) -> None:
        """Receive no more; the mapping is gone when the clock has moved."""
        self._change = DELETING
        self.modified_at = now
        self._stop(now)

    def resume(self) -> None:
        """Begin to receive, if the mapping is enabled."""
        self._handling.limit(self.settings.maximum_concurrency or POLLERS)
        if self.settings.enabled and self._change != DELETING and not self._active:
            self._active = True
            self._core.functions.at(self.settings.function_arn).listeners[self._pump] = None
            self._core.watch(self.queue_arn, self._pump)
            self._pump()

    def begin_anew(self, now: float) -> None:
        """Go on by a clock that has gone back: what was gathered does not wait for its window a second time."""
        self._end_of_window(now)

    def close(self) -> None:
        """Let go of everything at once; what was received returns to its queue."""
        self._gathering = None
        self._ready.clear()
        self._stop(self._core.clock.now())
        self._handling.close()

    def _stop(self, now: float) -> None:
        """Receive no more. What was gathered is invoked, what is under way goes on."""
        if self._active:
            self._active = False
            self._core.functions.at(self.settings.function_arn).listeners.pop(self._pump, None)
            self._core.unwatch(self.queue_arn, self._pump)
            self._stop_waiting()
            self._flush()
            while self._ready:
                self._handling.begin(self._ready.popleft(), now)

    @property
    def under_way(self) -> int:
        """Count the invocations under way."""
        return len(self._handling)

    # Receiving

    @property
    def _room(self) -> int:
        """Count the invocations that could begin now."""
        workers = self._core.functions.room(self.settings.function_arn)
        return min(self._handling.room, workers) - len(self._ready)

    def _pump(self) -> None:
        """Receive for as long as there are messages and somebody to handle them."""
        if self._pumping:
            return
        self._pumping = True
        try:
            self._receive(self._core.clock.now())
        finally:
            self._pumping = False

    def _receive(self, now: float) -> None:
        self._stop_waiting()
        queue = self._core.resources.get(self.queue_arn)
        if not self._active or not isinstance(queue, Queue):
            return
        self._begin_ready(now)
        while self._room > 0:
            request = self._request
            received = self._received(queue, request, now)
            if not received:
                self._waiting = queue.stand_in_line(request, self._served)
                break
            self._take(queue, received, now)
            self._begin_ready(now)
        self._say_what_is_missing(queue, now)

    def _received(self, queue: Queue, request: ReceiveRequest, now: float) -> list[Received]:
        if not queue.settle(now):  # whoever stands in line is served when that is done
            self._core.tasks.start_apart(queue.settled())
            return []
        try:
            return queue.receive(request, now)
        except OverLimit:
            return []

    @property
    def _request(self) -> ReceiveRequest:
        gathered = 0 if self._gathering is None else len(self._gathering)
        return ReceiveRequest(min(RECEIVE_MESSAGES, self.settings.batch_size - gathered))

    def _served(self, received: list[Received]) -> None:
        """Hear that the queue has something or, of nothing, that it is gone."""
        self._waiting = None
        queue = self._core.resources.get(self.queue_arn)
        if received and isinstance(queue, Queue):
            self._take(queue, received, self._core.clock.now())
            self._pump()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.leave()
            self._waiting = None

    def _say_what_is_missing(self, queue: Queue, now: float) -> None:
        """Tell once why nothing is received."""
        function_arn = self.settings.function_arn
        missing = self._core.functions.workers(function_arn) is None
        said = NoWorkers(name_of(function_arn)).message if missing else ""
        if said and said != self._said:
            self._core.trace.record(now, "waiting", self.arn, self.uuid, f"{queue.name}: {said}")
        self._said = said

    # Batches

    def _take(self, queue: Queue, received: list[Received], now: float) -> None:
        """Gather what was received; without a window, what comes in one turn of the event loop is a batch."""
        window_seconds = self.settings.window_seconds
        for one in received:
            record = record_of(one, queue, with_empty_digest=window_seconds > 0)
            why = self._objection(record)
            if why is None:
                self._gather(queue, one, record, now)
            else:
                self._core.trace.record(now, "filtered", self.arn, one.message.message_id, why)
                self._handling.delete(queue, one, now)
        if self._gathering is not None and not window_seconds and not self._turn_ends:
            self._turn_ends = True
            self._core.tasks.start(self._end_of_turn())

    def _gather(self, queue: Queue, one: Received, record: dict[str, Any], now: float) -> None:
        settings = self.settings
        if self._gathering is None or not self._gathering.add(one, record):
            self._flush()
            self._gathering = Batch(queue, settings.function_arn, reports_failures=settings.reports_failures)
            self._gathering.add(one, record)
            if settings.window_seconds:
                self._window.set(now + settings.window_seconds)
        if len(self._gathering) == settings.batch_size:
            self._flush()

    def _objection(self, record: dict[str, Any]) -> str | None:
        """Return why no filter lets a message through; None: one does, or there is none."""
        if not self.settings.filters:
            return None
        event = filterable(record)
        mismatches = [explain(pattern, event) for pattern in self.settings.filters]
        return None if None in mismatches else str(mismatches[0])

    async def _end_of_turn(self) -> None:
        self._turn_ends = False
        self._end_of_window(self._core.clock.now())

    def _end_of_window(self, _now: float) -> None:
        self._flush()
        self._pump()

    def _flush(self) -> None:
        """Let what has been gathered be invoked as soon as there is room."""
        self._window.set(None)
        if self._gathering is not None:
            self._ready.append(self._gathering)
            self._gathering = None

    def _begin_ready(self, now: float) -> None:
        while self._ready and self._room + len(self._ready) > 0:
            batch = self._ready.popleft()
            if now < batch.hidden_until:
                self._handling.begin(batch, now)
