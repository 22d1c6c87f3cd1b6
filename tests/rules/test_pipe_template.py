"""The input templates of pipes: what stands where, what is refused, and odd values."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.rules.jsonpath import MISSING
from pocketbus.rules.pipe_template import VARIABLES, InvalidTemplate, Subject, compile_template, dynamic

TEXTS = st.text('ab<$.>{}"\\\n\x00é', max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def filled(template: str, event: Any) -> str:
    """Fill a template whose variables have their own names as values."""
    return compile_template(template).fill(Subject(event, json.dumps(event)), {one: one for one in VARIABLES})


@pytest.mark.parametrize(
    ("template", "event", "expected"),
    [
        ("<$>", {"a": [1]}, '{"a":[1]}'),
        ("<$.a[0].b>", {"a": [{"b": "x"}]}, "x"),
        ("<$.a[*].b>", {"a": [{"b": 1}, {"b": 2}]}, "[1,2]"),
        ("<$.a-b_c/d>", {"a-b_c/d": 1}, "1"),
        ("a < b and <$.a>", {"a": 1}, "a < b and 1"),
        ('{"<": <$.a>}', {"a": 1}, '{"<":1}'),
        ('[<$.a>, "<$.a>"]', {"a": {"b": "c"}}, '[{"b":"c"},"{\\"b\\":\\"c\\"}"]'),
        ('[<$.a>, "<$.a>"]', {}, '["",""]'),
        (' {"a": <$.a>}', {"a": None}, '{"a":null}'),
        ("<$.none>", {}, ""),
    ],
)
def test_a_template_is_filled(template: str, event: Any, expected: str) -> None:
    assert filled(template, event) == expected


def test_every_variable_can_be_named() -> None:
    text = filled("; ".join(f"<{name}>" for name in sorted(VARIABLES)), {"a": 1})

    assert text.split("; ") == [
        "aws.pipes.enrichment-arn",
        '{"a": 1}',
        "aws.pipes.event.ingestion-time",
        '{"a":1}',
        *("aws.pipes.pipe-arn", "aws.pipes.pipe-name", "aws.pipes.source-arn", "aws.pipes.target-arn"),
    ]


def test_what_is_no_json_has_no_json_to_name() -> None:
    template = compile_template('{"json": <aws.pipes.event.json>, "text": <aws.pipes.event>}')

    assert template.fill(Subject("plain", "plain", is_json=False), {}) == '{"json":"","text":"plain"}'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{"a": <$.a>', "the template is not valid JSON at character 11"),
        ("{a: 1}", "the template is not valid JSON at character 1"),
        ("[1, 2", "the template is not valid JSON at character 5"),
        ("<aws.pipes.nothing>", "<aws.pipes.nothing> is no variable of pipes"),
    ],
)
def test_a_template_that_cannot_be_is_refused(template: str, message: str) -> None:
    with pytest.raises(InvalidTemplate) as raised:
        compile_template(template)

    assert str(raised.value) == message


def test_what_would_be_larger_than_any_target_takes_is_not_made() -> None:
    template = compile_template("<$.a>" * 2000)

    with pytest.raises(ValueError, match="larger than any target takes"):
        template.fill(Subject({"a": "x" * 1000}, ""), {})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_a_json_template_stays_json_whatever_stands_in_it(value: Any) -> None:
    made = json.loads(filled('{"value": <$.v>, "text": "it is <$.v>"}', {"v": value}))

    written = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )
    assert made == {"value": value, "text": f"it is {written}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.a.b", "x"),
        ("$.list[1]", "2"),
        ("$.none", MISSING),
        ("is $.a.b", "is $.a.b"),
        ("$", "$"),
        ("$.a", '{"b":"x"}'),
    ],
)
def test_a_parameter_is_a_path_as_a_whole_or_none(text: str, expected: Any) -> None:
    assert dynamic({"a": {"b": "x"}, "list": [1, 2]})(text) == expected
