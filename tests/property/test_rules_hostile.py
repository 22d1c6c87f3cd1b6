"""Random and hostile patterns and events end in a match, a no-match or a rejection, and in bounded time."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.event import Event
from pocketbus.rules.explain import explain
from pocketbus.rules.filter_policy import attributes_event, body_event, compile_filter_policy
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import InvalidPattern, Pattern, compile_pattern
from pocketbus.rules.wildcard import pieces
from tests.soon import is_soon

LONGEST_STORED = 4096
MIB = 2**20
ODD = st.sampled_from(
    ["\ud800", "\udfff\ud800", "\x00", "\U0001f600", "*", "\\", "a.b", "$or", "10.0.0.1", ""]
)
TEXTS = st.text(max_size=8) | ODD
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | TEXTS
    | st.sampled_from([10**400, -(10**20), 1e308]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
OPERATORS = st.sampled_from(
    [
        "prefix",
        "suffix",
        "equals-ignore-case",
        "wildcard",
        "anything-but",
        "numeric",
        "cidr",
        "exists",
        "exactly",
        "x",
    ]
)
EXPRESSIONS = st.dictionaries(
    OPERATORS, JSON_VALUES | st.dictionaries(OPERATORS, JSON_VALUES, max_size=2), max_size=2
)
PATTERNS = st.recursive(
    st.lists(JSON_VALUES | EXPRESSIONS, max_size=4),
    lambda inner: (
        st.dictionaries(TEXTS, inner, max_size=3)
        | st.lists(inner, max_size=2).map(lambda all_: {"$or": all_})
    ),
    max_leaves=10,
)


def judge(pattern: str, event: str) -> None:
    """Take a pattern and an event all the way, letting through no exception but a rejection."""
    with suppress(InvalidPattern):
        compile_filter_policy(pattern, "MessageBody")
    with suppress(InvalidPattern, ValueError):
        judge_compiled(compile_pattern(pattern), Event.from_json(event))


def judge_compiled(pattern: Pattern, event: Event) -> None:
    verdict = pattern.matches(event)
    index: Index[int] = Index()
    # Enough equal rules to make the index split its buckets, where the pattern is one that AWS would store.
    copies = 20 if len(pattern.text) < LONGEST_STORED else 2
    for number in range(copies):
        index.add(number, pattern)
    assert index.matching(event) == (list(range(copies)) if verdict else [])
    assert (explain(pattern, event) is None) == verdict


@settings(max_examples=200, deadline=None)
@given(PATTERNS.map(json.dumps) | st.text(), JSON_VALUES.map(json.dumps) | st.text())
def test_random_patterns_and_events_are_judged_or_refused(pattern: str, event: str) -> None:
    judge(pattern, event)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}[]":,*\\ \n01eE.-+truefalsnx$o\ud800\u00e9', max_size=40))
def test_near_json_is_judged_or_refused(text: str) -> None:
    judge(text, text)
    judge(f'{{"a":[{text}]}}', f'{{"a":{text}}}')


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        TEXTS, st.tuples(TEXTS | st.sampled_from(["Number", "String.Array"]), TEXTS | st.binary())
    )
)
def test_random_attributes_make_an_event(attributes: dict[str, tuple[str, str | bytes]]) -> None:
    policy = compile_filter_policy('{"a": [{"exists": false}, {"numeric": [">", 0]}]}', "MessageAttributes")

    assert policy.matches(attributes_event(attributes)) in (True, False)


def nested(text: str, depth: int) -> str:
    return '{"a":' * depth + text + "}" * depth


ELEMENTS = [{"x": number, "y": number + 1} for number in range(20_000)]
DEEP_ELEMENTS = {"a": [{"b": [{"x": number, "y": number + 1} for number in range(200)]} for _ in range(100)]}
SEVERAL = {f"k{array}": [{"x": 0, "y": 1}, {"x": 1, "y": 0}] * 200 for array in range(8)}

HOSTILE: dict[str, tuple[str, str]] = {
    "objects 1000 deep": (nested('["x"]', 1000), nested('"x"', 1000)),
    "a pattern 100,000 deep": (nested('["x"]', 100_000), "{}"),
    "arrays 1000 deep": ('{"a":["x"]}', '{"a":' + "[" * 1000 + '"x"' + "]" * 1000 + "}"),
    "arrays 490 deep": ('{"a":["x"],"a.b":["y"]}', '{"a":' + "[" * 490 + '"x"' + "]" * 490 + "}"),
    "1,000,000 open brackets": ("[" * MIB, "[" * MIB),
    "1,000,000 open objects": ('{"a":' * MIB, '{"a":' * MIB),
    "a path of 10,000 parts": (
        '{"' + ".".join("a" * 10_000) + '":["x"]}',
        '{"' + ".".join("a" * 10_000) + '":"x"}',
    ),
    "a string of 1 MiB": (json.dumps({"a": ["x" * MIB]}), json.dumps({"a": "x" * MIB})),
    "a suffix of 1 MiB": (json.dumps({"a": [{"suffix": "x" * MIB}]}), json.dumps({"a": "x" * (MIB + 1)})),
    "a caseless text of 256 KiB": (
        json.dumps({"a": [{"equals-ignore-case": "\u00df" * 2**17}]}),
        json.dumps({"a": "SS" * 2**17}),
    ),
    "an address of 1 MiB": (
        '{"a":["10.0.0.1",{"cidr":"::/8"}]}',
        json.dumps({"a": ["1" * MIB + ".1.1.1", ":" * MIB]}),
    ),
    "10,000 keys": (
        json.dumps({f"k{n}": ["x"] for n in range(10_000)}),
        json.dumps({f"k{n}": "x" for n in range(10_000)}),
    ),
    "10,000 values": (json.dumps({"a": list(range(10_000))}), '{"a": 9999}'),
    "lone surrogates": ('{"\\ud800":["\\udfff",{"wildcard":"*\\ud800"}]}', '{"\\ud800":"\\udfff"}'),
    "a number too large": ('{"a":[1e400]}', '{"a":1e400}'),
    "a number with a vast exponent": (f'{{"a":[1e{"9" * 10_000}]}}', f'{{"a":1e{"9" * 10_000}}}'),
    "a number of 100,000 digits": (f'{{"a":[{"9" * 100_000}]}}', f'{{"a":{"9" * 100_000}}}'),
    "a bound of 100,000 digits": (f'{{"a":[{{"numeric":[">",{"9" * 100_000}]}}]}}', "{}"),
    "a fraction of 100,000 digits": (f'{{"a":[0.{"3" * 100_000}]}}', f'{{"a":0.{"3" * 100_000}}}'),
    "a wildcard that resembles a slow regex": (
        json.dumps({"a": [{"wildcard": "(a+)+$*b"}]}),
        json.dumps({"a": "a" * MIB}),
    ),
    "a wildcard that nearly matches": (
        json.dumps({"a": [{"wildcard": "*a*b*c"}]}),
        json.dumps({"a": "ab" * (MIB // 2)}),
    ),
    "a wildcard of many repetitions": (json.dumps({"a": [{"wildcard": "*" + "a" * 4000}]}), '{"a": "a"}'),
    "a wildcard of long random parts": (
        json.dumps({"a": [{"wildcard": "*".join("abacabad" * n + "x" for n in (31, 67, 101))}]}),
        '{"a": "a"}',
    ),
    "1,000 wildcards": (json.dumps({"a": [{"wildcard": f"*{n}*"} for n in range(1000)]}), '{"a": "1"}'),
    "vast alternatives": (
        json.dumps({f"k{n}": {"$or": [{f"f{m}": ["x"]} for m in range(10)]} for n in range(40)}),
        "{}",
    ),
    "1,000 alternatives of many paths": (
        json.dumps(
            {"$or": [{f"p{n}": ["x"], "q": [n]} for n in range(1000)], **{f"r{n}": ["x"] for n in range(300)}}
        ),
        "{}",
    ),
    "20,000 elements that do not agree": (
        '{"a":{"x":[{"exists":true}],"y":[0]}}',
        json.dumps({"a": ELEMENTS}),
    ),
    "20,000 elements against absence": (
        '{"a":{"x":[{"numeric":[">=",0]}],"y":[{"exists":false}]}}',
        json.dumps({"a": ELEMENTS}),
    ),
    "nested elements that do not agree": (
        '{"a":{"b":{"x":[{"exists":true}],"y":[{"numeric":["<",0]},-1],"z":[{"exists":false}]}}}',
        json.dumps(DEEP_ELEMENTS),
    ),
    "several arrays that do not agree": (
        json.dumps(
            {key: {"x": [{"exists": True}], "y": [{"exists": True}]} for key in SEVERAL} | {"k8": ["x"]}
        ),
        json.dumps({**SEVERAL, "k8": "x"}),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pattern_and_event_are_judged_in_bounded_time(name: str) -> None:
    assert is_soon(lambda: judge(*HOSTILE[name]))


def test_a_deep_event_of_values_is_judged() -> None:
    value: Any = "x"
    for _ in range(5_000):
        value = {"a": [value]}

    assert compile_pattern('{"a":{"a":[{"exists":false}]}}').matches(Event.from_value(value))


def test_a_body_too_deep_matches_nothing() -> None:
    assert body_event(nested("1", 1000)) is None


def test_a_wildcard_of_stars_and_letters_takes_linear_time() -> None:
    assert is_soon(lambda: pieces("a*" * 50_000))
    assert len(pieces("a*" * 50_000)) == 50_001
