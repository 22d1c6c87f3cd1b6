"""What a cluster keeps in NATS is made once, and the same for all of its nodes."""

import pytest

from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection
from pocketbus.cluster.logs import Logs, SettingsError
from pocketbus.emulator.buses.event_quotas import EventQuotas
from pocketbus.emulator.config import Config


@pytest.mark.parametrize(
    ("config", "others"),
    [
        (Config(region="eu-west-1"), "--region us-east-1, not eu-west-1"),
        (
            Config(strict=True, smtp="localhost:25"),
            "--smtp none, not localhost:25, --strict off, not on",
        ),
        (
            Config(allow_hosts=frozenset({"b.example", "a.example"}), event_quotas=EventQuotas(buses=7)),
            "--allow-hosts none, not a.example,b.example, --event-quotas none, not buses=7",
        ),
        (Config(lambda_urls={"": "http://user:word@host"}), "--lambda-urls of its own, not these"),
    ],
)
async def test_a_node_with_other_settings_is_told_what_the_log_has_and_what_it_has(
    address: Address, config: Config, others: str
) -> None:
    connection = await Connection.open(address)
    try:
        await Logs(connection, address, 1).make(Config())
        with pytest.raises(SettingsError) as refused:
            await Logs(connection, address, 1).make(config)
    finally:
        await connection.close()

    assert str(refused.value) == f"The log was begun with {others}: start with what it has."
