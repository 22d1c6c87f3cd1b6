"""The path by which nodes hand over what is carried between shards: for them alone."""

import json

import pytest

from pocketbus.apis.guard import Guard
from pocketbus.cluster.arriving import ARRIVALS, Arriving
from pocketbus.cluster.connection import UnreachableError
from tests.apis.asgi import Reply, ask

NODE = {"x-pocketbus-forwarded": "bus-1:4566", "host": "localhost"}


async def take(carriage: bytes) -> bytes:
    """Answer with what was carried."""
    return carriage


async def elsewhere(_carriage: bytes) -> bytes:
    raise UnreachableError("this node does not write shard 1")


async def asked(headers: dict[str, str], method: str = "POST", *, here: bool = True) -> Reply:
    app = Arriving(Guard(frozenset(), frozenset()), take if here else elsewhere)
    return await ask(app, b"[]", method=method, path=ARRIVALS, headers=headers)


async def test_a_node_is_answered_with_what_the_shard_says() -> None:
    reply = await asked(NODE)
    assert (reply.status, reply.body) == (200, b"[]")


async def test_a_node_that_is_not_the_writer_says_so() -> None:
    reply = await asked(NODE, here=False)
    assert reply.status == 503
    assert json.loads(reply.body) == {"error": "this node does not write shard 1"}


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ({}, "POST"),
        (NODE, "GET"),
        ({**NODE, "host": "elsewhere.example"}, "POST"),
        ({**NODE, "origin": "https://elsewhere.example"}, "POST"),
    ],
)
async def test_nobody_else_can_hand_anything_over(headers: dict[str, str], method: str) -> None:
    assert (await asked(headers, method)).status == 403


async def test_what_no_node_sends_is_refused() -> None:
    async def refuse(_carriage: bytes) -> bytes:
        raise ValueError("This comes from no other shard.")

    app = Arriving(Guard(frozenset(), frozenset()), refuse)
    reply = await ask(app, b"[]", method="POST", path=ARRIVALS, headers=NODE)
    assert (reply.status, json.loads(reply.body)) == (400, {"error": "This comes from no other shard."})
