"""The log of a pipe: what its executions do, in the log group that its configuration names.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs-schema.html
"""

import json
from typing import Any

from pocketbus.emulator.buses.bus_log import Level
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.log_group import LogEvent, LogGroups
from pocketbus.emulator.pipes.pipe_settings import LogSettings


class PipeLog:
    """One execution's lines."""

    def __init__(self, pipe_arn: str, execution_id: str, settings: LogSettings, core: Core) -> None:
        self._pipe_arn = pipe_arn
        self._execution_id = execution_id
        self._settings = settings
        self._core = core

    def wants(self, level: Level) -> bool:
        """Tell whether steps of a level are logged."""
        return self._settings.group is not None and level <= self._settings.level

    def write(self, step: str, level: Level, payload: str = "", error: str | None = None) -> None:
        """Log a step, if the level asks for it."""
        settings = self._settings
        if settings.group is None or not self.wants(level):
            return
        now = self._core.clock.now()
        line: dict[str, Any] = {
            "resourceArn": self._pipe_arn,
            "timestamp": int(now * 1000),
            "executionId": self._execution_id,
            "messageType": step,
            "logLevel": level.name,
        }
        if settings.with_data and payload:
            line["payload"] = payload
        if error is not None:
            line["error"] = {"message": error}
        groups = self._core.component(LogGroups)
        groups.write(groups.of(settings.group), LogEvent(now, int(now * 1000), json.dumps(line)))
