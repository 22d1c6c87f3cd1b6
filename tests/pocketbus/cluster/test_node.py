"""A node of a cluster before it has any log: what it tells of itself."""

import json

from pocketbus.cluster.address import Address
from pocketbus.cluster.node import ClusterNode
from pocketbus.cluster.shard import Served
from pocketbus.emulator.config import Config
from tests.apis.asgi import ask


def nothing_is_made(_shard: int) -> Served:
    raise AssertionError("no log is there to be followed")


async def test_health_tells_which_services_there_are() -> None:
    node = ClusterNode(Address.of("nats://nowhere/bus"), Config(), 1, nothing_is_made, print)

    reply = await ask(node, method="GET", path="/_pocketbus/health")

    assert (reply.status, json.loads(reply.body)["services"]) == (
        503,
        {
            "sqs": "running",
            "sns": "running",
            "events": "running",
            "eventbridgev2": "running",
            "scheduler": "running",
            "lambda": "running",
            "pipes": "running",
            "sts": "running",
        },
    )
