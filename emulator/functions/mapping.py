"""An event source mapping: has a function handle what a queue gives."""

from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.functions.function_consumer import FunctionConsumer
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.polling.poller import Poller

CREATING, ENABLING, UPDATING, DISABLING, DELETING = (
    "Creating",
    "Enabling",
    "Updating",
    "Disabling",
    "Deleting",
)
ENABLED, DISABLED = "Enabled", "Disabled"


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
        self._poller = Poller(queue_arn, core)
        self.resume()

    def __getstate__(self) -> dict[str, Any]:
        """Tell what is set. What is under way is in flight in the queue, and comes back to it."""
        return {name: part for name, part in vars(self).items() if name != "_poller"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._poller = Poller(self.queue_arn, self._core)

    def standing(self) -> Any:
        """Tell what it has received and is handling."""
        return {"poller": self._poller}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._poller = kept["poller"]

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
        self._poller.stop(now)
        self.settings = settings
        self.modified_at = now
        self.resume()

    def delete(self, now: float) -> None:
        """Receive no more; the mapping is gone when the clock has moved."""
        self._change = DELETING
        self.modified_at = now
        self._poller.stop(now)

    @property
    def consumer(self) -> FunctionConsumer:
        """Who handles what is received by these settings."""
        return FunctionConsumer(self.arn, self.uuid, self.settings, self._core)

    def resume(self) -> None:
        """Begin to receive, if the mapping is enabled."""
        if self.settings.enabled and self._change != DELETING:
            self._poller.start(self.consumer)

    def begin_anew(self, now: float) -> None:
        """Go on by a clock that has gone back: what was gathered does not wait for its window a second time."""
        self._poller.end_window(now)

    def close(self) -> None:
        """Let go of everything at once; what was received returns to its queue."""
        self._poller.close()

    @property
    def under_way(self) -> int:
        """Count the invocations under way."""
        return self._poller.under_way
