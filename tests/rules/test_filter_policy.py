import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.filter_policy import attributes_event, body_event, compile_filter_policy
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import InvalidPattern

CASES = Path(__file__).parent / "cases" / "filter_policy"
OPERATORS = json.loads((CASES / "operators.json").read_text(encoding="utf-8"))
REJECTIONS = json.loads((CASES / "recorded_rejections.json").read_text(encoding="utf-8"))


def judgements() -> Iterator[Any]:
    for case in OPERATORS:
        policy = json.dumps(case["policy"])
        for verdict, messages in ((True, case["matches"]), (False, case["misses"])):
            for message in messages:
                yield pytest.param(
                    policy, case["scope"], message, verdict, id=f"{policy} {json.dumps(message)}"
                )


def event_of(scope: str, message: Any) -> Event | None:
    if scope == "MessageBody":
        return body_event(message if isinstance(message, str) else json.dumps(message))
    return attributes_event({name: (data_type, value) for name, (data_type, value) in message.items()})


def refusal_of(policy: Any, scope: str = "MessageBody") -> InvalidPattern:
    with pytest.raises(InvalidPattern) as refusal:
        compile_filter_policy(policy if isinstance(policy, str) else json.dumps(policy), scope)
    return refusal.value


def words(count: int) -> list[str]:
    return [f"word-{number}" for number in range(count)]


@pytest.mark.parametrize(("policy", "scope", "message", "verdict"), list(judgements()))
def test_a_policy_judges_a_message_as_aws_does(policy: str, scope: str, message: Any, verdict: bool) -> None:
    assert compile_filter_policy(policy, scope).matches(event_of(scope, message)) is verdict


@pytest.mark.parametrize("case", REJECTIONS, ids=lambda case: case["policy"])
def test_a_policy_is_refused_with_the_text_and_the_place_that_aws_gave(case: dict[str, str]) -> None:
    assert case["text"] == str(refusal_of(case["policy"], "MessageAttributes"))


def test_a_policy_has_at_most_five_keys() -> None:
    compile_filter_policy(json.dumps({key: ["x"] for key in "abcde"}), "MessageAttributes")

    assert str(refusal_of({key: ["x"] for key in "abcdef"})) == "Filter policy can not have more than 5 keys"


def test_combinations_are_the_product_of_the_lengths_of_the_lists() -> None:
    compile_filter_policy(json.dumps({"a": words(10), "b": words(15)}), "MessageAttributes")

    assert str(refusal_of({"a": words(10), "b": words(16)})) == "Filter policy is too complex"


def test_combinations_count_a_list_once_for_each_level_of_its_nesting() -> None:
    # 4 values three levels down and 3 values two levels down: 12 * 6 = 72.
    documented = {"a": {"b": {"c": words(4)}}, "d": {"e": words(3)}}
    compile_filter_policy(json.dumps({**documented, "f": words(2)}), "MessageBody")

    assert str(refusal_of({**documented, "f": words(3)})) == "Filter policy is too complex"


def test_the_branches_of_or_add_to_the_combinations() -> None:
    compile_filter_policy(json.dumps({"$or": [{"a": words(75)}, {"b": words(75)}]}), "MessageAttributes")

    assert str(refusal_of({"$or": [{"a": words(75)}, {"b": words(76)}]})) == "Filter policy is too complex"


def test_a_nested_policy_is_refused_for_message_attributes() -> None:
    refusal = refusal_of({"a": {"b": ["x"]}}, "MessageAttributes")

    assert str(refusal) == "Filter policy scope MessageAttributes does not support nested filter policy"


def test_the_refusal_of_nesting_stands_without_the_prefix_of_the_others() -> None:
    assert refusal_of({"a": {"b": ["x"]}}, "MessageAttributes").of_policy is False
    assert refusal_of({"a": []}).of_policy is True


@pytest.mark.parametrize("wildcards", [["a*b*c*d*e"], ["a*b*c*d"] * 1 + [f"{n}*b*c*d" for n in range(3)]])
def test_wildcards_have_limits_of_their_own(wildcards: list[str]) -> None:
    assert (
        str(refusal_of({"a": [{"wildcard": text} for text in wildcards]})) == "Filter policy is too complex"
    )


def test_three_stars_in_one_wildcard_are_allowed() -> None:
    policy = compile_filter_policy('{"a": [{"wildcard": "a*b*c*"}]}', "MessageAttributes")

    assert policy.matches(attributes_event({"a": ("String", "a-b-c")}))


def test_anything_but_takes_no_suffix() -> None:
    reason = "Unsupported anything-but pattern: suffix"

    assert refusal_of({"a": [{"anything-but": {"suffix": "x"}}]}).reason == reason


def test_binary_attributes_are_not_there() -> None:
    assert attributes_event({"a": ("Binary", b"x"), "b": ("String", "y")}).root == {"b": "y"}


def test_a_body_that_is_no_object_is_no_event() -> None:
    assert body_event("[1]") is None


def test_a_policy_s_pattern_can_be_indexed() -> None:
    index: Index[str] = Index()
    index.add("orders", compile_filter_policy('{"kind": ["order"]}', "MessageAttributes").pattern)

    assert index.matching(attributes_event({"kind": ("String", "order")})) == ["orders"]
