"""All that a cluster keeps in NATS: made by whichever node comes first, the same for all of them."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import asdict, replace

from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection, RefusedError, UnreachableError
from pocketbus.cluster.keys import ConflictError, Keys
from pocketbus.cluster.log import Log
from pocketbus.cluster.snapshots import Snapshots
from pocketbus.cluster.streams import Streams
from pocketbus.emulator.buses.event_quotas import EventQuotas
from pocketbus.emulator.config import Config
from pocketbus.emulator.ids import token
from pocketbus.emulator.version import VERSION
from pocketbus.journal.history import config_of, header_of, same_settings
from pocketbus.journal.record import dumps, loads

_HEADER: Final = "header"
_SEEDS: Final = 2**63
_AGAIN_SECONDS: Final = 0.5
_TOLD_EACH: Final = 10
_log = logging.getLogger("pocketbus")


class SettingsError(Exception):
    """This node cannot follow what others have written; the text says why and what to do."""


class Logs:
    """The logs of a cluster, a shard each, and its keys."""

    def __init__(self, connection: Connection, address: Address, shards: int) -> None:
        self.connection = connection
        self.name = address.name
        self.shards = shards
        self.keys = Keys(connection, address.name)
        self.seed = 0
        self._replicas = 1

    async def make(self, config: Config) -> None:
        """Make what is not there, or see that it is what this node expects. Raise SettingsError."""
        tries = 0
        while True:
            try:
                self._replicas = await self.keys.make()
                self.seed = await self._agree(config)
            except (UnreachableError, RefusedError, ConflictError) as error:
                if tries % _TOLD_EACH == 0:
                    _log.warning("the log is not there yet: %s", error)
                tries += 1
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _agree(self, config: Config) -> int:
        """Return the seed of the cluster. Raise SettingsError, UnreachableError, ConflictError."""
        found = await self.keys.read(_HEADER)
        if not found.revision:
            header = _header_of(config, self.shards)
            await self.keys.put(_HEADER, dumps(header), 0)
            return int(header["config"]["seed"])
        header = loads(found.value)
        _check(header, config, self.shards)
        return int(header["config"]["seed"])

    async def log(self, shard: int) -> Log:
        """Return the log of a shard; it has two streams where they can have leaders of their own.

        Raise UnreachableError, RefusedError.
        """
        streams = Streams(self.connection, self.keys, self.name, shard, 2 if self._replicas > 1 else 1)
        await streams.make()
        snapshots = Snapshots(self.connection, self.name, shard)
        await snapshots.make(self._replicas)
        seed = (self.seed + shard) % _SEEDS  # no two shards make the same ids
        news = f"{self.name}.{shard}.news"
        return Log(shard, seed, self.connection, self.keys, streams, snapshots, news, self.shards)


def _header_of(config: Config, shards: int) -> dict[str, Any]:
    seed = int(token(), 16) % _SEEDS if config.seed is None else config.seed
    header = header_of(_common(config), seed, 0)
    return {"pocketbus cluster": 1, "version": VERSION, "shards": shards, **header}


def _common(config: Config) -> Config:
    """Return the settings without what each node has of its own."""
    return replace(config, certificate=None)


def _check(header: Mapping[str, Any], config: Config, shards: int) -> None:
    if header["version"] != VERSION:
        raise SettingsError(
            f"The log was begun by pocketbus {header['version']}, this is {VERSION}: begin another one under another "
            f"name with what pocketbus export writes down of this one."
        )
    if header["shards"] != shards:
        raise SettingsError(
            f"The log was begun with --shards {header['shards']}, not {shards}: start with what it has."
        )
    theirs, mine = config_of(header), _common(config)
    if not same_settings(theirs, mine):
        others = [
            f"--{name.replace('_', '-')} {_others(getattr(theirs, name), getattr(mine, name))}"
            for name in header["config"]
            if name != "seed" and getattr(theirs, name) != getattr(mine, name)
        ]
        raise SettingsError(f"The log was begun with {', '.join(others)}: start with what it has.")


def _others(theirs: object, mine: object) -> str:
    """Tell two values of a setting apart; addresses of functions may hold what is nobody else's business."""
    return "of its own, not these" if isinstance(mine, Mapping) else f"{_text(theirs)}, not {_text(mine)}"


def _text(value: object) -> str:
    """Write a value as its option takes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, EventQuotas):
        value = frozenset(f"{name}={limit}" for name, limit in asdict(value).items() if limit is not None)
    if isinstance(value, frozenset):
        return ",".join(sorted(value)) or "none"
    return "none" if value is None else str(value)
