"""The tree of an index: buckets of sub-rules, each split by one more of their requirements when it is large.

A sub-rule's requirements are filed in one order, the most selective first. At a bucket of depth n the first n of
them have been met, or are `pending` where the key that led here is only a necessary sign. The shape follows from
the content alone, whatever the order of adding and removing.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Final, NamedTuple, TypeAlias

from pocketbus.rules.event import Fields
from pocketbus.rules.requirement import Requirement, SubRule
from pocketbus.rules.tables import Table, TableKey

SPLIT_ABOVE = 12
Judge: TypeAlias = Callable[[Requirement], bool]


class FilingKey(NamedTuple):
    """A key under which a requirement is filed, decisive or not; the key None stands for absence of the path."""

    table_key: TableKey | None
    decisive: bool


class Filed(NamedTuple):
    """A sub-rule at some depth of the tree. `keys[n]` are the keys of its n-th requirement in filing order."""

    entry: "Entry"
    depth: int = 0
    pending: tuple[Requirement, ...] = ()

    def children(self) -> Iterator[tuple[TableKey | None, "Filed"]]:
        """File under each key of the next requirement."""
        requirement = self.entry.order[self.depth]
        for table_key, decisive in self.entry.keys[self.depth]:
            pending = self.pending if decisive else (*self.pending, requirement)
            yield table_key, Filed(self.entry, self.depth + 1, pending)


class Entry:
    """A sub-rule as the index keeps it, with the key of its rule and its number in order of addition."""

    __slots__ = ("key", "keys", "number", "order", "subrule")

    def __init__(
        self,
        key: Hashable,
        number: int,
        subrule: SubRule,
        order: tuple[Requirement, ...],
        keys: tuple[tuple[FilingKey, ...], ...],
    ) -> None:
        self.key = key
        self.number = number
        self.subrule = subrule
        self.order = order
        self.keys = keys


_NOBODY: Final[dict[Filed, None]] = {}
"""Most buckets have nothing to be checked: they share this, and nothing is ever put into it."""


class Bucket:
    """Sub-rules that one key leads to: decided ones hold, waiting ones are to be checked, the rest is in `level`."""

    __slots__ = ("decided", "level", "splittable", "waiting")

    def __init__(self) -> None:
        self.decided: dict[Entry, None] = {}
        self.waiting = _NOBODY
        self.splittable = 0
        self.level: Level | None = None

    def is_empty(self) -> bool:
        return not (self.decided or self.waiting or self.level)

    def add(self, filed: Filed) -> None:
        if filed.depth == len(filed.entry.keys):
            self._add_settled(filed)
            return
        self.splittable += 1
        if self.level is not None:
            self.level.add(filed)
            return
        self._wait(filed)
        if self.splittable > SPLIT_ABOVE:
            self._split()

    def discard(self, filed: Filed) -> None:
        if filed.depth == len(filed.entry.keys):
            self._discard_settled(filed)
            return
        self.splittable -= 1
        if self.level is None:
            del self.waiting[filed]
            return
        self.level.discard(filed)
        if self.splittable <= SPLIT_ABOVE:
            for member in self.level.members:
                self._wait(member)
            self.level = None

    def _wait(self, filed: Filed) -> None:
        if self.waiting is _NOBODY:
            self.waiting = {}
        self.waiting[filed] = None

    def _add_settled(self, filed: Filed) -> None:
        if filed.pending or len(filed.entry.order) > filed.depth:
            self._wait(filed)
        else:
            self.decided[filed.entry] = None

    def _discard_settled(self, filed: Filed) -> None:
        if filed.pending or len(filed.entry.order) > filed.depth:
            del self.waiting[filed]
        else:
            del self.decided[filed.entry]

    def _split(self) -> None:
        level = Level()
        for filed in [filed for filed in self.waiting if filed.depth < len(filed.entry.keys)]:
            del self.waiting[filed]
            level.add(filed)
        self.level = level


class Level:
    """The split of a bucket: its sub-rules filed by the next requirement of each."""

    __slots__ = ("absent", "members", "tables")

    def __init__(self) -> None:
        self.members: dict[Filed, None] = {}
        self.tables: dict[str, Table[Bucket]] = {}
        self.absent: dict[str, Bucket] = {}

    def add(self, filed: Filed) -> None:
        self.members[filed] = None
        path = filed.entry.order[filed.depth].path
        for key, child in filed.children():
            if key is None:
                self.absent.setdefault(path, Bucket()).add(child)
            else:
                self.tables.setdefault(path, Table()).item(key, Bucket).add(child)

    def discard(self, filed: Filed) -> None:
        del self.members[filed]
        path = filed.entry.order[filed.depth].path
        for key, child in filed.children():
            if key is None:
                self.absent[path].discard(child)
                if self.absent[path].is_empty():
                    del self.absent[path]
            else:
                self._discard_from_table(path, key, child)

    def _discard_from_table(self, path: str, key: TableKey, child: Filed) -> None:
        table = self.tables[path]
        table.items[key].discard(child)
        if table.items[key].is_empty():
            table.drop(key)
        if not table.items:
            del self.tables[path]

    def find(self, fields: Fields, judge: Judge, found: list[Bucket]) -> None:
        """Append the buckets that the event leads to."""
        values, tables = fields.values, self.tables
        if len(tables) < len(values):
            for path, table in tables.items():
                if path in values:
                    table.find(values[path], judge, found)
        else:
            for path, atoms in values.items():
                if path in tables:
                    tables[path].find(atoms, judge, found)
        for path, bucket in self.absent.items():
            # In an array shared with other paths, a value in another element may pass for absent.
            if path not in values or path in fields.entangled:
                found.append(bucket)


def candidates(root: Bucket, fields: Fields) -> set[Entry]:
    """Return the sub-rules whose requirements are met, each judged for itself."""
    verdicts: dict[Requirement, bool] = {}

    def judge(requirement: Requirement) -> bool:
        verdict = verdicts.get(requirement)
        if verdict is None:
            verdict = verdicts[requirement] = requirement.may_hold(fields)
        return verdict

    found: set[Entry] = set()
    buckets = [root]
    for bucket in buckets:
        found.update(bucket.decided)
        for entry, depth, pending in bucket.waiting:
            if all(map(judge, pending)) and all(map(judge, entry.order[depth:])):
                found.add(entry)
        if bucket.level is not None:
            bucket.level.find(fields, judge, buckets)
    return found
