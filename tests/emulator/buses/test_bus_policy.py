"""The resource policy of an event bus."""

from typing import Any

import pytest

from pocketbus.emulator.buses.bus_policy import BusPolicy

PUT = "events:PutEvents"


def a_statement(**changes: Any) -> dict[str, Any]:
    principal = {"AWS": "arn:aws:iam::111111111111:root"}
    return {"Sid": "s", "Effect": "Allow", "Principal": principal, "Action": PUT} | changes


def test_a_bus_without_a_policy_admits_no_other_account() -> None:
    assert not BusPolicy().admits("111111111111", PUT)


@pytest.mark.parametrize(
    "principal",
    ["*", "111111111111", {"AWS": "*"}, {"AWS": ["222222222222", "arn:aws:iam::111111111111:role/r"]}],
)
def test_every_way_to_name_an_account_admits_it(principal: object) -> None:
    assert BusPolicy([a_statement(Principal=principal)]).admits("111111111111", PUT)


def test_another_account_than_the_one_named_is_not_admitted() -> None:
    assert not BusPolicy([a_statement()]).admits("222222222222", PUT)


@pytest.mark.parametrize(("action", "admitted"), [(PUT, True), ("events:PutRule", False)])
def test_only_the_named_actions_are_admitted(action: str, admitted: bool) -> None:
    assert BusPolicy([a_statement()]).admits("111111111111", action) is admitted


@pytest.mark.parametrize("actions", ["*", "events:*", ["events:PutRule", PUT]])
def test_lists_and_wildcards_name_actions(actions: object) -> None:
    assert BusPolicy([a_statement(Action=actions)]).admits("111111111111", PUT)


def test_a_denial_outweighs_a_permission() -> None:
    policy = BusPolicy([a_statement(), a_statement(Sid="d", Effect="Deny", Principal="*")])

    assert not policy.admits("111111111111", PUT)


@pytest.mark.parametrize("part", ["Effect", "Principal", "Action"])
@pytest.mark.parametrize("value", [None, 5, {"a": 1}, [{}], {"AWS": {}}])
def test_a_statement_that_makes_no_sense_admits_nobody(part: str, value: object) -> None:
    assert not BusPolicy([a_statement(**{part: value})]).admits("111111111111", PUT)


def test_a_statement_takes_the_place_of_one_of_the_same_sid() -> None:
    policy = BusPolicy([a_statement()]).with_statement(a_statement(Principal="*"))

    assert [statement["Principal"] for statement in policy.statements] == ["*"]


def test_the_text_is_a_policy_document() -> None:
    policy = BusPolicy([a_statement(Principal="*")])

    assert policy.text == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":"*",'
        '"Action":"events:PutEvents"}]}'
    )


def test_without_statements_there_is_no_text() -> None:
    assert BusPolicy([a_statement()]).without("s").text is None
