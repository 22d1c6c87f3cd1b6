"""A group of schedules."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core
from pocketbus.emulator.schedules.schedule import Schedule, ScheduleSettings

ACTIVE, DELETING = "ACTIVE", "DELETING"


class ScheduleGroup:
    """Schedules by name. Of one that was deleted, the schedules go at once and the group when the clock has moved."""

    def __init__(self, arn: str, name: str, tags: Mapping[str, str], core: Core, now: float) -> None:
        self.arn = arn
        self.name = name
        self.tags = dict(tags)
        self.schedules: Catalogue[Schedule] = Catalogue()
        self.created_at = self.modified_at = now
        self.deleted_at: float | None = None
        self._core = core

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {name: part for name, part in vars(self).items() if name != "schedules"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.schedules = Catalogue()

    def rows(self) -> Iterator[list[Any]]:
        """Yield the schedules, for a state to be kept."""
        return ([schedule] for schedule in self.schedules.values())

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        (schedule,) = row
        if not isinstance(schedule, Schedule):
            raise TypeError("a group consists of schedules")
        self.schedules[schedule.name] = schedule

    @property
    def state(self) -> str:
        return ACTIVE if self.deleted_at is None else DELETING

    def gone(self, now: float) -> bool:
        return self.deleted_at is not None and now > self.deleted_at

    def create(self, name: str, settings: ScheduleSettings, now: float) -> Schedule:
        """Make a schedule of a name that is not taken."""
        arn = f"{self.arn.replace(':schedule-group/', ':schedule/')}/{name}"
        schedule = self.schedules[name] = Schedule(arn, name, settings, self, self._core, now)
        return schedule

    def forget(self, name: str) -> None:
        """Let a schedule go, if there is one of the name; it invokes its target no more."""
        schedule = self.schedules.pop(name, None)
        if schedule is not None:
            schedule.close()

    def let_go(self, schedule: Schedule) -> None:
        """Forget a schedule, unless another one has taken its name."""
        if self.schedules.get(schedule.name) is schedule:
            self.forget(schedule.name)

    def delete(self, now: float) -> None:
        """Let all schedules go, and then the group."""
        self.close()
        self.schedules.clear()
        self.deleted_at = self.modified_at = now

    def close(self) -> None:
        """Keep the schedules from invoking anything later."""
        for schedule in self.schedules.values():
            schedule.close()
