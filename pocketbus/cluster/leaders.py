"""Keeps the leaders of a log's streams apart, so that with one server no more than one of them is lost."""

from typing import Final

from pocketbus.cluster.connection import Connection, RefusedError, UnreachableError

LOOK_SECONDS: Final = 3.0


async def keep_apart(connection: Connection, written: str, others: tuple[str, ...]) -> None:
    """Have another server lead each of the others that is led by the one that leads the stream that is written."""
    try:
        found = (await connection.ask(f"STREAM.INFO.{written}")).get("cluster", {})
        busy = found.get("leader")
        free = [one["name"] for one in found.get("replicas", ()) if one.get("current") and not one.get("offline")]
        if not busy or not free:
            return
        for index, stream in enumerate(others):
            leader = (await connection.ask(f"STREAM.INFO.{stream}")).get("cluster", {}).get("leader")
            if leader == busy:
                body = {"placement": {"preferred": free[index % len(free)]}}
                await connection.ask(f"STREAM.LEADER.STEPDOWN.{stream}", body)
    except (UnreachableError, RefusedError):
        return
