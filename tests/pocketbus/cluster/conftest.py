"""One server of NATS for all tests, and logs on it that no other test uses."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection
from pocketbus.cluster.log import Log
from pocketbus.cluster.logs import Logs
from pocketbus.emulator.config import Config
from scripts.cluster import MISSING, Nats, nats_server, wait_for_port

_names = itertools.count(1)


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    if nats_server() is None:
        pytest.skip(MISSING)
    server = Nats(tmp_path_factory.mktemp("nats"), 1)
    server.start()
    try:
        wait_for_port(server.hosts[0], server.ports[0])
        yield server
    finally:
        server.close()


@pytest.fixture
def address(nats: Nats) -> Address:
    return Address.of(nats.url(f"test-{next(_names)}"))


@pytest.fixture
async def log(address: Address) -> AsyncIterator[Log]:
    connection = await Connection.open(address)
    logs = Logs(connection, address, 1)
    await logs.make(Config(seed=1))
    yield await logs.log(0)
    await connection.close()
