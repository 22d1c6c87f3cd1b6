"""How a carriage goes from node to node, as bytes: the number of the shard that it comes from, and its parts."""

from collections.abc import Collection
from typing import Any, Final

import orjson

from pocketbus.emulator.shards.channels import Carriage
from pocketbus.journal.record import dumps, loads
from pocketbus.rules.json_text import DEPTH, is_deep

_REQUEST_DEPTH: Final = 3
"""In how many lists the request stands that a delivery makes."""


def written(own: int, carriage: Carriage) -> bytes:
    return dumps((own, *carriage))


def read(payload: bytes, others: Collection[int]) -> tuple[int, Carriage]:
    """Return which of the other shards a carriage comes from, and it. Raise ValueError for what none of them sends.

    What comes into an engine is in its log for good, where all nodes have to be able to read it.
    """
    try:
        found = loads(payload)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not isinstance(found, list) or not found or found[0] not in others:
        raise ValueError("This comes from no other shard.")
    if not _is_plain(found) and is_deep(found, DEPTH + _REQUEST_DEPTH):
        raise ValueError("This nests too deeply.")
    return int(found[0]), Carriage.of(found[1:])


def _is_plain(found: Any) -> bool:
    """Tell at once of nearly all that they do not nest deep: orjson writes 254 levels."""
    try:
        orjson.dumps(found)
    except orjson.JSONEncodeError:
        return False
    return True
