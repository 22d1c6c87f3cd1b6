"""Many patterns, one event: an index whose cost follows the patterns that nearly match, not their number.

This file decides what is filed and in which order; where it is kept is in buckets.py and tables.py.
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import count
from math import inf
from typing import Any, Generic, TypeVar

from pocketbus.rules.buckets import Bucket, Entry, Filed, FilingKey, candidates
from pocketbus.rules.conditions import ABSENT, Condition
from pocketbus.rules.consistency import Choice
from pocketbus.rules.event import Event, Paths
from pocketbus.rules.keys import Exact, Interval, Opening
from pocketbus.rules.pattern import Pattern
from pocketbus.rules.requirement import Requirement, SubRule

K = TypeVar("K", bound=Hashable)

_MOST_COPIES = 256
"""Of a sub-rule in the tree, by the alternatives of its requirements; beyond it they are checked, not filed."""
_DEEPEST = 8


class _Shared:
    """A requirement that sub-rules have in common, and the keys it is filed under."""

    __slots__ = ("keys", "requirement", "uses")

    def __init__(self, requirement: Requirement) -> None:
        self.requirement = requirement
        self.keys = tuple(_keys(requirement))
        self.uses = 0

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where it comes among the requirements of a sub-rule."""
        return max(map(_rank, self.keys)), len(self.keys), self.requirement.path


class Index(Generic[K]):
    """Patterns by key, matched all at once.

    >>> from pocketbus.rules.pattern import compile_pattern
    >>> index: Index[str] = Index()
    >>> index.add("shop", compile_pattern('{"source": ["shop"]}'))
    >>> index.add("dear", compile_pattern('{"source": ["shop"], "price": [{"numeric": [">", 100]}]}'))
    >>> index.matching(Event.from_json('{"source": "shop", "price": 120}'))
    ['shop', 'dear']
    """

    def __init__(self) -> None:
        self.root = Bucket()
        self.paths = Paths()
        self._shared: dict[tuple[str, tuple[Condition, ...]], _Shared] = {}
        self._rules: dict[K, tuple[Entry, ...]] = {}
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._rules)

    def add(self, key: K, pattern: Pattern) -> None:
        """File a pattern; one that the key had before gives up its place to it."""
        replaced = self._rules.get(key)
        if replaced is not None:
            self._withdraw(replaced)
        number = replaced[0].number if replaced else next(self._numbers)
        entries = tuple(self._entry(key, number, subrule) for subrule in pattern.subrules)
        for entry in entries:
            self.root.add(Filed(entry))
        self._rules[key] = entries

    def remove(self, key: K) -> None:
        """Forget the key's pattern, if it has one."""
        rule = self._rules.pop(key, None)
        if rule is not None:
            self._withdraw(rule)

    def matching(self, event: Event) -> list[K]:
        """Return the keys of the patterns that match, in order of their addition."""
        fields = event.fields(self.paths)
        entries = candidates(self.root, fields)
        if fields.entangled:
            choices: dict[Requirement, Choice] = {}
            entries = {entry for entry in entries if entry.subrule.agrees(fields, choices)}
        keys: dict[int, Any] = {entry.number: entry.key for entry in entries}
        return [keys[number] for number in sorted(keys)]

    def _entry(self, key: K, number: int, subrule: SubRule) -> Entry:
        in_path_order = [self._share(requirement) for requirement in subrule.requirements]
        in_filing_order = sorted(in_path_order, key=lambda shared: shared.rank)
        in_order = tuple(shared.requirement for shared in in_path_order)
        order = tuple(shared.requirement for shared in in_filing_order)
        return Entry(
            key=key,
            number=number,
            subrule=SubRule(in_order),
            order=in_order if order == in_order else order,
            keys=tuple(_filed_keys(in_filing_order)),
        )

    def _withdraw(self, rule: tuple[Entry, ...]) -> None:
        for entry in rule:
            self.root.discard(Filed(entry))
            for requirement in entry.order:
                self._release(requirement)

    def _share(self, requirement: Requirement) -> _Shared:
        identity = requirement.path, requirement.conditions
        shared = self._shared.get(identity)
        if shared is None:
            shared = self._shared[identity] = _Shared(requirement)
            self.paths.add(requirement.path)
        shared.uses += 1
        return shared

    def _release(self, requirement: Requirement) -> None:
        identity = requirement.path, requirement.conditions
        shared = self._shared[identity]
        shared.uses -= 1
        if shared.uses == 0:
            del self._shared[identity]
            self.paths.discard(requirement.path)


def _keys(requirement: Requirement) -> Iterator[FilingKey]:
    if requirement.absence:
        yield FilingKey(None, decisive=True)
    filings = [condition.filing() for condition in requirement.conditions if condition is not ABSENT]
    if any(filing.key is None for filing in filings):
        yield FilingKey(requirement, decisive=True)
        return
    for key, decisive in dict.fromkeys(filings):
        yield FilingKey(key, decisive)


def _rank(key: FilingKey) -> int:
    """Put first what few events are likely to have."""
    match key.table_key:
        case Exact():
            return 0
        case Opening(text=text) if text:
            return 1
        case Interval(low=low, high=high):
            return 3 if -inf in (low, -high) else 2
        case None:
            return 6
        case Requirement():
            return 5
    return 4


def _filed_keys(in_filing_order: Sequence[_Shared]) -> Iterator[tuple[FilingKey, ...]]:
    """Take requirements as long as the sub-rule is not multiplied too often; always the first."""
    copies = 1
    for depth, shared in enumerate(in_filing_order):
        copies *= len(shared.keys)
        if depth and (copies > _MOST_COPIES or depth >= _DEEPEST):
            return
        yield shared.keys
