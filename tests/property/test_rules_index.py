"""Random rules and events: the index against a plain scan, `explain` against the matcher, removal against addition."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.buckets import Bucket, Level
from pocketbus.rules.event import Event
from pocketbus.rules.explain import explain
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import Pattern, compile_pattern

# Few and similar values, so that random rules and events meet often.
STRINGS = st.sampled_from(
    ["", "a", "b", "ab", "ba", "A", "aB", "\u00df", "SS", "10.0.0.1", "10.0.0.2", "::1"]
)
NUMBERS = st.sampled_from([0, 1, 1.0, 2, -1, 0.5, 10, 12345678901234567, 12345678901234568])
DOUBLES = st.sampled_from([-1, 0, 0.5, 1, 2, 10])
NAMES = st.sampled_from(["a", "b", "c", "a.b", "b.c"])
WILDCARDS = st.sampled_from(["*", "a*", "*b", "a*b", "*a*", "ab"])
AFFIXES = st.sampled_from(["a", "b", "ab", "A"])


def conditions() -> st.SearchStrategy[Any]:
    def one(name: str, argument: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return argument.map(lambda value: {name: value})

    bounds = st.lists(DOUBLES, min_size=2, max_size=2, unique=True).map(sorted)
    return st.one_of(
        STRINGS,
        STRINGS,
        NUMBERS,
        st.sampled_from([True, False, None]),
        one("prefix", STRINGS),
        one("suffix", STRINGS),
        one("prefix", one("equals-ignore-case", STRINGS)),
        one("suffix", one("equals-ignore-case", STRINGS)),
        one("equals-ignore-case", STRINGS),
        one("exactly", STRINGS),
        one("wildcard", WILDCARDS),
        one("exists", st.booleans()),
        one("cidr", st.sampled_from(["10.0.0.0/8", "10.0.0.1/31", "::/64"])),
        one("anything-but", STRINGS | DOUBLES | st.lists(STRINGS, min_size=1, max_size=2)),
        one("anything-but", one("prefix", AFFIXES) | one("suffix", AFFIXES) | one("wildcard", WILDCARDS)),
        one("numeric", st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), DOUBLES)),
        one("numeric", bounds.map(lambda ends: [">=", ends[0], "<", ends[1]])),
    )


VALUES = st.lists(conditions(), min_size=1, max_size=3)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(NAMES, VALUES | inner, min_size=1, max_size=3)
    alternatives = st.lists(members, min_size=2, max_size=3).map(lambda branches: {"$or": branches})
    return members | alternatives | st.tuples(members, alternatives).map(lambda both: both[0] | both[1])


PATTERNS = (
    objects(st.dictionaries(NAMES, VALUES, min_size=1, max_size=2)).map(json.dumps).map(compile_pattern)
)
SCALARS = STRINGS | NUMBERS | st.sampled_from([True, False, None])
EVENTS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
).map(lambda event: Event.from_json(json.dumps(event)))


def index_of(patterns: list[Pattern]) -> Index[int]:
    index: Index[int] = Index()
    for number, pattern in enumerate(patterns):
        index.add(number, pattern)
    return index


def shape(bucket: Bucket | None) -> Any:
    """Describe all that is in a bucket, whatever the order in which it came."""
    if bucket is None:
        return None
    waiting = {(filed.entry.number, filed.depth, filed.pending) for filed in bucket.waiting}
    decided = {entry.number for entry in bucket.decided}
    return waiting, decided, bucket.splittable, level_shape(bucket.level)


def level_shape(level: Level | None) -> Any:
    if level is None:
        return None
    tables = {
        (path, key): shape(bucket)
        for path, table in level.tables.items()
        for key, bucket in table.items.items()
    }
    return tables, {path: shape(bucket) for path, bucket in level.absent.items()}


# The index splits a bucket only when it is large: repeated rules make some of them large.
MANY_PATTERNS = st.lists(PATTERNS, min_size=1, max_size=6).flatmap(
    lambda few: st.lists(st.sampled_from(few), min_size=13, max_size=30).map(lambda more: few + more)
)


@settings(max_examples=60, deadline=None)
@given(MANY_PATTERNS, st.lists(EVENTS, min_size=1, max_size=5))
def test_the_index_answers_as_a_scan_of_all_patterns_does(
    patterns: list[Pattern], events: list[Event]
) -> None:
    index = index_of(patterns)

    for event in events:
        scan = [number for number, pattern in enumerate(patterns) if pattern.matches(event)]
        assert index.matching(event) == scan


@settings(max_examples=120, deadline=None)
@given(PATTERNS, EVENTS)
def test_explain_finds_a_mismatch_exactly_where_there_is_no_match(pattern: Pattern, event: Event) -> None:
    explanation = explain(pattern, event)

    assert (explanation is None) == pattern.matches(event)
    assert explanation is None or explanation.path in {
        path for rule in pattern.subrules for path in {one.path for one in rule.requirements}
    }


@settings(max_examples=40, deadline=None)
@given(MANY_PATTERNS, MANY_PATTERNS)
def test_adding_and_removing_rules_leaves_the_index_as_it_was(
    kept: list[Pattern], passing: list[Pattern]
) -> None:
    index = index_of(kept)
    before = shape(index.root)
    for number, pattern in enumerate(passing):
        index.add(len(kept) + number, pattern)
    for number in range(len(passing)):
        index.remove(len(kept) + number)

    assert shape(index.root) == before
    assert len(index) == len(kept)


@settings(max_examples=20, deadline=None)
@given(MANY_PATTERNS)
def test_an_index_that_lost_all_its_rules_is_empty(patterns: list[Pattern]) -> None:
    index = index_of(patterns)
    for number in range(len(patterns)):
        index.remove(number)

    assert index.root.is_empty()
    assert index.paths.root.children == {}
