"""A cluster on this machine: what its log leaves of the throughput, with one shard, two and three, and what bounds it.

Three nodes, three servers of NATS and the client share the machine's processors. Nothing is demanded of the figures.
"""

import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from pocketbus.cluster.routing import shard_of
from scripts.cluster import MISSING, Running, cluster, nats_server
from scripts.ports import free_port, free_ports
from tests.bench.bench_http import BODY
from tests.bench.load import Caller, always, drive, sqs_request
from tests.bench.processes import cpu_seconds, pocketbus, wait_until_answered
from tests.bench.table import Row

SECONDS, CONNECTIONS = 8.0, 48
SHARDS = (1, 2, 3)
PLACING_SECONDS = 8
"""By then each writer has its streams led where they should be, which makes it wait."""
_ACCOUNT = b"Credential=000000000000"


def rows() -> list[Row]:
    if nats_server() is None:
        print(f"cluster: {MISSING}")
        return []
    alone = _alone()
    found = [Row("one server without a journal, answers a second", alone, None)]
    for shards in SHARDS:
        with TemporaryDirectory() as folder:
            ports = free_ports(3)
            with cluster(Path(folder), ports, "--shards", str(shards)) as running:
                found += _measured(running, ports, shards)
    return found


def _alone() -> float:
    port = free_port()
    with pocketbus(port):
        wait_until_answered(port)
        return uvloop.run(_throughput([("000000000000", port)]))


def _measured(running: Running, ports: Sequence[int], shards: int) -> list[Row]:
    writers = _writers(ports, shards)
    places = [(_account(shard, shards), writers[shard]) for shard in range(shards)]
    servers = [process for process in running.nats.processes if process is not None]
    before = sum(map(cpu_seconds, running.nodes)), sum(map(cpu_seconds, servers))
    began = time.perf_counter()
    throughput = uvloop.run(_throughput(places))
    whole = (time.perf_counter() - began) * (os.cpu_count() or 1)
    nodes = (sum(map(cpu_seconds, running.nodes)) - before[0]) / whole
    nats = (sum(map(cpu_seconds, servers)) - before[1]) / whole
    what = f"{shards} shard{'s' if shards > 1 else ''}"
    return [
        Row(f"{what} on three nodes, answers a second", throughput, None),
        Row(f"{what}: the nodes' part of the processors", nodes * 100, 100, " %", at_least=False),
        Row(f"{what}: the part of NATS", nats * 100, 100, " %", at_least=False),
    ]


def _account(shard: int, shards: int) -> str:
    """Return an account of a shard."""
    return next(
        account
        for account in (f"{number:012}" for number in range(1, 1000))
        if shard_of(account, shards) == shard
    )


def _writers(ports: Sequence[int], shards: int) -> dict[int, int]:
    """Return the port of the node that writes each shard, once the nodes share them."""
    most = -(-shards // len(ports))
    while True:
        found = {port: _told(port) for port in ports}
        writers = {shard: port for port, written in found.items() for shard in written}
        if len(writers) == shards and max(map(len, found.values())) <= most:
            time.sleep(PLACING_SECONDS)
            return writers
        time.sleep(0.5)


def _told(port: int) -> list[int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_pocketbus/cluster") as answer:
        return [one["shard"] for one in json.load(answer)["shards"] if one["role"] == "writer"]


async def _throughput(places: Sequence[tuple[str, int]]) -> float:
    """Return the answers a second of SendMessage, to a queue of each account at the node that writes it."""
    requests = []
    for account, port in places:
        mine = _ACCOUNT.replace(b"000000000000", account.encode())
        caller = await Caller.open(port)
        made = await caller.ask(sqs_request("CreateQueue", QueueName="bench").replace(_ACCOUNT, mine))
        caller.close()
        url = json.loads(made)["QueueUrl"]
        requests.append(sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY).replace(_ACCOUNT, mine))
    each = CONNECTIONS // len(places)
    driving = (
        drive(port, lambda request=request: always(request), connections=each, seconds=SECONDS)  # type: ignore[misc]
        for (_, port), request in zip(places, requests, strict=True)
    )
    return sum(await asyncio.gather(*driving)) / SECONDS
