"""The streams of one log: read by the numbers of its messages, from whichever server has them."""

import asyncio
from typing import Final

import orjson

from pocketbus.cluster.connection import Connection, UnreachableError
from pocketbus.cluster.head import Epoch, Head
from pocketbus.cluster.keys import GLANCE_SECONDS, Keys, last_of, stored
from pocketbus.cluster.part import HEADER, Mark, Part

AT_ONCE: Final = 32
"""So many messages are asked for at a time."""


class Streams:
    """The streams of a log by their numbers, and the key under which their head is."""

    def __init__(self, connection: Connection, keys: Keys, name: str, shard: int, count: int) -> None:
        self.connection = connection
        self.keys = keys
        self.head_key = f"{shard}.head"
        self.names = [f"{name}-{shard}-{'ab'[number]}" for number in range(count)]
        self.subjects = [f"{name}.{shard}.{'ab'[number]}" for number in range(count)]

    async def make(self) -> None:
        """Make the streams that are not there. Raise UnreachableError, RefusedError."""
        for name, subject in zip(self.names, self.subjects, strict=True):
            await self.connection.make_stream(
                {
                    "name": name,
                    "subjects": [subject],
                    "retention": "limits",
                    "storage": "file",
                    "discard": "new",
                    "allow_direct": True,
                }
            )

    async def head(self) -> tuple[Head, int]:
        """Return the head and its revision, as their leader has it. Raise UnreachableError."""
        value, revision = await self.keys.read(self.head_key)
        return Head.loads(value), revision

    async def glance(self) -> Head:
        """Return the head as any of the servers has it, which may not be the latest. Raise UnreachableError."""
        return Head.loads((await self.keys.glance(self.head_key)).value)

    async def end(self, stream: int) -> int:
        """Return the place of a stream's last message, as its leader has it. Raise UnreachableError."""
        last = await last_of(self.connection, self.names[stream], self.subjects[stream])
        return 0 if last is None else last.sequence

    async def mark(self, stream: int, sequence: int) -> Mark | None:
        """Return what the message at a place tells of itself, as its leader has it. Raise UnreachableError."""
        found = await stored(self.connection, self.names[stream], {"seq": sequence})
        return None if found is None else Mark.in_headers(found.headers)

    async def purge(self, head: Head) -> None:
        """Let go of what is not needed any more. Raise UnreachableError, RefusedError."""
        for stream, name in enumerate(self.names):
            if needed := head.needed(stream):
                await self.connection.ask(f"STREAM.PURGE.{name}", {"seq": needed})

    async def parts(self, head: Head, behind: int, most: int = AT_ONCE) -> list[Part]:
        """Return messages behind a number, as far as the servers asked have them. Raise UnreachableError."""
        found = head.part(behind + 1)
        if found is None:
            return []
        epoch, last = found
        until = behind + most if last is None else min(behind + most, last)
        asked = (self._part(epoch, number) for number in range(behind + 1, until + 1))
        parts: list[Part] = []
        for part in await asyncio.gather(*asked):
            if part is None:
                break
            parts.append(part)
        return parts

    async def _part(self, epoch: Epoch, number: int) -> Part | None:
        name, which = self.names[epoch.stream], {"seq": epoch.sequence(number)}
        try:
            found = await self.connection.request(
                f"$JS.API.DIRECT.GET.{name}", orjson.dumps(which), seconds=GLANCE_SECONDS
            )
        except UnreachableError:
            message = await stored(self.connection, name, which)
            mark = None if message is None else Mark.in_headers(message.headers)
            data = b"" if message is None else message.data
        else:
            text = (found.headers or {}).get(HEADER)
            mark, data = None if text is None else Mark.of(text), found.data
        # What is of another epoch was late, or a writer's that did not come to be one.
        return Part(mark, data) if mark is not None and mark[:2] == (number, epoch.number) else None
