"""Which accounts are an engine's own, where several engines share them."""

from collections.abc import Callable
from typing import Final, NamedTuple

from pocketbus.emulator.deliveries.delivery import Delivery

ANOTHER_SHARD: Final = "another shard"
"""What the gateway serves that takes deliveries to accounts of other shards."""


class Shards(NamedTuple):
    """The number of an engine's own shard, and the pure function that tells the shard of an account."""

    own: int
    shard_of: Callable[[str], int]

    def other_of(self, account: str) -> int | None:
        """Return the other shard that an account belongs to; None: it is one's own, or no account."""
        shard = self.shard_of(account) if account else self.own
        return None if shard == self.own else shard

    def other(self, delivery: Delivery) -> int | None:
        """Return the other shard in which a delivery ends."""
        return self.other_of(delivery.owner)
