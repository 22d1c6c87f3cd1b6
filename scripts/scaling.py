"""What a log has to take for groups of many members, and how load lies on many nodes: docs/SCALING.md's tables.

It counts, and measures nothing: the same numbers come out each time. Sizes of records are those of the journal.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from pocketbus.cluster.routing import shard_of

BODY: Final = 1024
MEMBERS: Final = (250, 1024, 200_000)
REPLICAS: Final = 3
PUBLISH, RECEIVE, DELETE = BODY + 150, 170, 220
"""The bytes of a record: of a Publish with its body, of a ReceiveMessage, of a DeleteMessage with its receipt."""
MEMORY: Final = 400
"""The bytes that a subscriber's share of a message takes in memory."""
POLL_SECONDS: Final = 20
"""How long a long poll waits: a member that pulls asks so often when there is nothing."""

NODES, SHARDS, ACCOUNTS = 1000, 99, 100_000
TELLS_PER_SECOND: Final = 2
"""How often a node tells all others of itself."""


class Cost(NamedTuple):
    """What one message costs: records of the log, their bytes in all copies, bytes in memory until it is taken."""

    writes: int
    bytes: int
    memory: int


def push(members: int) -> Cost:
    """Return the cost of a publish into a queue for each member, each of whom receives and deletes it."""
    size = PUBLISH + members * (RECEIVE + DELETE)
    return Cost(1 + 2 * members, size * REPLICAS, members * MEMORY)


def pull(members: int, each_seconds: float) -> Cost:
    """Return the cost of a message in one log, which each member asks for what is new in it.

    There is a message `each_seconds`; whoever waits for the next one asks anew at the end of each long poll.
    """
    asks = members * max(1, round(each_seconds / POLL_SECONDS))
    return Cost(1 + asks, (PUBLISH + asks * RECEIVE) * REPLICAS, MEMORY)


def groups() -> Iterator[str]:
    yield "| Members | | Records a message | Bytes in the log | Bytes in memory |"
    yield "|---:|---|---:|---:|---:|"
    for members in MEMBERS:
        for name, cost in (
            ("push", push(members)),
            ("pull, a message each second", pull(members, 1)),
            ("pull, a message each hour", pull(members, 3600)),
        ):
            yield f"| {members:,} | {name} | {cost.writes:,} | {cost.bytes:,} | {cost.memory:,} |"


def accounts() -> list[tuple[str, float]]:
    """Return accounts with their shares of the load: few have much, as 1, 1/2, 1/3 and so on."""
    random = Random(1)
    names = random.sample(range(10**12), ACCOUNTS)
    whole = sum(1 / rank for rank in range(1, ACCOUNTS + 1))
    return [(f"{name:012}", 1 / rank / whole) for rank, name in enumerate(names, 1)]


def loads(nodes: int, shards: int) -> Iterator[str]:
    """Tell how the load of all accounts lies on shards and nodes, and what goes from one to another."""
    shares: Counter[int] = Counter()
    for account, share in accounts():
        shares[shard_of(account, shards)] += share  # type: ignore[assignment] # a share is a part of 1
    busiest = max(shares.values())
    writing, times, elsewhere = min(nodes, shards), 1 / busiest, 1 - 1 / shards
    yield f"| {nodes:,} | {shards} | {writing} | {busiest:.1%} | {times:.1f} | {elsewhere:.0%} | {told(nodes):,} |"


def told(nodes: int) -> int:
    """Return how many messages a second the nodes take in of one another, only to know that they are there."""
    return nodes * (nodes - 1) * TELLS_PER_SECOND


def main() -> None:
    for line in groups():
        print(line)
    print()
    print(
        "| Nodes | Shards | Nodes that write | The busiest shard's part | Times one writer, at most "
        "| Accounts elsewhere | Told a second |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for nodes, shards in ((3, 1), (3, 3), (12, 12), (99, 99), (NODES, SHARDS)):
        for line in loads(nodes, shards):
            print(line)


if __name__ == "__main__":
    main()
