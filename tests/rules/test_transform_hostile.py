"""Hostile templates and events end in a text, in nothing or in a rejection, and soon."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.transform import InvalidTransform, Variables, compile_transform
from tests.soon import is_soon

VARIABLES = Variables("arn", "name", "2026-11-23T12:00:00Z")
MEGABYTE = 1_000_000
FRAGMENTS = [
    "<a>",
    "<b>",
    "<aws.events.event>",
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    " ",
    "\ud800",
    "1e999",
]


@pytest.mark.parametrize(
    "hostile", ["<" * MEGABYTE, '"' * MEGABYTE, "{" * 8192, "[" * 8191, "<a>" * 2730, "\\" * 8192]
)
def test_a_hostile_template_is_refused(hostile: str) -> None:
    with pytest.raises(InvalidTransform):
        compile_transform("t", paths_map={"a": "$"}, template=hostile)


def test_a_hostile_input_is_refused() -> None:
    for hostile in ("[" * 8192, "1" * MEGABYTE, "NaN", "\ud800"):
        with pytest.raises(InvalidTransform):
            compile_transform("t", input=hostile)


@pytest.mark.parametrize("event", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, "", "NaN", "\ud800"])
def test_an_event_that_cannot_be_read_delivers_nothing(event: str) -> None:
    assert compile_transform("t", input_path="$").apply(event, VARIABLES) is None
    assert compile_transform("t", paths_map={"a": "$"}, template='{"x": <a>}').apply(event, VARIABLES) is None


def test_a_number_of_many_digits_is_delivered_as_it_is() -> None:
    digits = "9" * 100_000

    assert compile_transform("t", input_path="$.n").apply(f'{{"n": {digits}}}', VARIABLES) == digits


def test_many_copies_of_a_large_event_deliver_nothing_soon() -> None:
    transform = compile_transform("t", paths_map={"a": "$"}, template="[" + "<a>," * 2040 + "<a>]")
    event = json.dumps({"x": "y" * MEGABYTE})

    assert transform.apply(event, VARIABLES) is None
    assert is_soon(lambda: transform.apply(event, VARIABLES))


@settings(max_examples=150, deadline=None)
@given(
    template=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join),
    path=st.text("$.[]*'\"ab0123456789-", max_size=12),
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.text(max_size=5)
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_any_template_ends_in_json_or_text_or_nothing_or_a_rejection(
    template: str, path: str, value: object
) -> None:
    try:
        transform = compile_transform("t", paths_map={"a": path, "b": "$.b"}, template=template)
    except InvalidTransform:
        return

    delivered = transform.apply(json.dumps(value), VARIABLES)

    if delivered is not None:
        delivered.encode()
        if not template.lstrip().startswith('"'):
            json.loads(delivered)
