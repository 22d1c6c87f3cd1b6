"""The keys of a cluster, in a bucket of JetStream's key-value store: changed only by who has seen the latest value."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Final, NamedTuple

from pocketbus.cluster.connection import Connection, RefusedError, UnreachableError, answered

_WRONG_REVISION: Final = (10071, 10164)
_NO_MESSAGE: Final = 10037
GLANCE_SECONDS: Final = 0.3
"""Whichever server is asked first answers within that, or the leader is asked."""


class ConflictError(Exception):
    """Somebody else has changed the key."""


class Entry(NamedTuple):
    """A value, and the revision that whoever changes it has to name."""

    value: bytes
    revision: int


NOTHING: Final = Entry(b"", 0)


class Keys:
    """The bucket of a cluster."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self.stream = f"KV_{name}"

    async def make(self) -> int:
        """Make the bucket if it is not there; return in how many copies. Raise UnreachableError, RefusedError."""
        return await self._connection.make_stream(
            {
                "name": self.stream,
                "subjects": [f"$KV.{self._name}.>"],
                "max_msgs_per_subject": 1,
                "retention": "limits",
                "storage": "file",
                "discard": "new",
                "deny_delete": True,
                "allow_rollup_hdrs": True,
                "allow_direct": True,
            }
        )

    async def glance(self, key: str) -> Entry:
        """Return what any of the servers has, which may not be the latest. Raise UnreachableError."""
        subject = f"$JS.API.DIRECT.GET.{self.stream}.{self._subject(key)}"
        try:
            found = await self._connection.request(subject, b"", seconds=GLANCE_SECONDS)
        except UnreachableError:
            return await self.read(key)
        headers = found.headers or {}
        return Entry(found.data, int(headers["Nats-Sequence"])) if "Nats-Sequence" in headers else NOTHING

    async def read(self, key: str) -> Entry:
        """Return what the leader has. Raise UnreachableError."""
        found = await last_of(self._connection, self.stream, self._subject(key))
        return NOTHING if found is None else Entry(found.data, found.sequence)

    async def put(self, key: str, value: bytes, revision: int) -> int:
        """Change what is of a revision, 0 if nothing is there, and return the new one.

        Raise ConflictError, UnreachableError.
        """
        headers = {"Nats-Expected-Last-Subject-Sequence": str(revision)}
        try:
            found = answered(await self._connection.request(self._subject(key), value, headers))
        except RefusedError as error:
            if error.code in _WRONG_REVISION:
                raise ConflictError(key) from error
            raise
        return int(found["seq"])

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"


class Stored(NamedTuple):
    """A message of a stream."""

    sequence: int
    headers: str
    data: bytes


async def last_of(connection: Connection, stream: str, subject: str) -> Stored | None:
    """Return the last message that the leader of a stream has, if there is one. Raise UnreachableError."""
    return await stored(connection, stream, {"last_by_subj": subject})


async def stored(connection: Connection, stream: str, which: Mapping[str, object]) -> Stored | None:
    """Return a message that the leader of a stream has, if there is such a one. Raise UnreachableError."""
    try:
        found = await connection.ask(f"STREAM.MSG.GET.{stream}", which)
    except RefusedError as error:
        if error.code == _NO_MESSAGE:
            return None
        raise
    message = found["message"]
    headers = b64decode(message.get("hdrs", "")).decode()
    return Stored(message["seq"], headers, b64decode(message.get("data", "")))
