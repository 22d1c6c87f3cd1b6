"""EventBridge Scheduler in one account and region: groups of schedules, and the client tokens of calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Resource
from pocketbus.emulator.releases import Container
from pocketbus.emulator.schedules.client_tokens import ClientTokens
from pocketbus.emulator.schedules.schedule import Schedule
from pocketbus.emulator.schedules.schedule_group import ScheduleGroup
from pocketbus.emulator.service_scope import ServiceScope

DEFAULT_GROUP = "default"


class SchedulerScope(ServiceScope):
    """Groups are by name. The default group is there from the start."""

    service = "scheduler"
    owns = ("scheduler",)
    holds = ("groups", "client_tokens")

    def begin(self, now: float) -> None:
        self.groups: Catalogue[ScheduleGroup] = Catalogue()
        self.client_tokens = ClientTokens()
        self.create_group(DEFAULT_GROUP, {}, now)

    def resources(self) -> tuple[Resource, ...]:
        """Nothing is delivered to a schedule."""
        return ()

    def end(self) -> None:
        for group in self.groups.values():
            group.close()

    def remains(self) -> Iterator[Container]:
        return (group.schedules for group in self.groups.values())

    def begin_anew(self, now: float) -> None:
        for _, schedule in self.schedules:
            schedule.begin_anew(now)

    @property
    def untouched(self) -> bool:
        default = self.groups[DEFAULT_GROUP]
        return len(self.groups) == 1 and not (default.schedules or default.tags or len(self.client_tokens))

    def kept(self, now: float) -> dict[str, Any]:
        self.groups_at(now)
        return super().kept(now)

    def groups_at(self, now: float) -> Catalogue[ScheduleGroup]:
        """Return the groups by name, after forgetting those that were deleted earlier."""
        for name in [name for name, group in self.groups.items() if group.gone(now)]:
            del self.groups[name]
        return self.groups

    def create_group(self, name: str, tags: Mapping[str, str], now: float) -> ScheduleGroup:
        """Make a group of a name that is not taken."""
        group = ScheduleGroup(self.arn(f"schedule-group/{name}"), name, tags, self._core, now)
        self.groups[name] = group
        return group

    @property
    def schedules(self) -> Iterator[tuple[ScheduleGroup, Schedule]]:
        for group in list(self.groups.values()):
            for schedule in list(group.schedules.values()):
                yield group, schedule
