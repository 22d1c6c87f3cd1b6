"""The Scheduler service with every operation registered."""

from pocketbus.apis.scheduler import groups, schedules, tags
from pocketbus.apis.scheduler.service import scheduler

__all__ = ["groups", "scheduler", "schedules", "tags"]
