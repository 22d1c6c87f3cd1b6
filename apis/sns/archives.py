"""Replays of archives whose messages are not all in memory: they are brought, and then all goes as ever."""

from collections.abc import Callable
from typing import Any

from pocketbus.apis.call import Call, Result
from pocketbus.emulator.errors import InternalErrorException
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_archive import ReplayPolicy


def with_archive(
    call: Call, topic: Topic, replay: ReplayPolicy | None, work: Callable[[], dict[str, Any]]
) -> Result:
    """Do the work of a replay, which is to look at everything anew: it may have to wait for the archive."""
    if replay is None or not call.engine.door.kept or not topic.archive.is_outside(replay):
        return work()
    return _with_brought(call, topic, replay, work)


async def _with_brought(
    call: Call, topic: Topic, replay: ReplayPolicy, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    trouble = await call.engine.door.outside(topic.archive.bring(replay))
    if trouble:
        raise InternalErrorException(trouble)
    call.now = call.engine.clock.now()
    return work()
