"""The resource policy of an event bus on the wire."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

PUT = "events:PutEvents"


def statements(events: Any, bus: str = "default") -> list[dict[str, Any]]:
    policy: dict[str, Any] = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    assert policy["Version"] == "2012-10-17"
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def test_a_bus_has_no_policy_at_first(events: Any) -> None:
    assert "Policy" not in events.describe_event_bus()


def test_a_permission_becomes_a_statement(events: Any, account: str) -> None:
    events.put_permission(Action=PUT, Principal="111111111111", StatementId="s")

    assert statements(events) == [
        {
            "Sid": "s",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": PUT,
            "Resource": f"arn:aws:events:us-east-1:{account}:event-bus/default",
        }
    ]


def test_a_condition_becomes_part_of_the_statement(events: Any) -> None:
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    events.put_permission(Action=PUT, Principal="*", StatementId="s", Condition=condition)

    (statement,) = statements(events)

    assert statement["Principal"] == "*"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}


def test_a_policy_takes_the_place_of_all_statements(events: Any) -> None:
    events.create_event_bus(Name="b")
    events.put_permission(EventBusName="b", Action=PUT, Principal="*", StatementId="s")
    statement = {"Sid": "t", "Effect": "Allow", "Principal": "*", "Action": PUT, "Resource": "*"}

    events.put_permission(
        EventBusName="b", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    assert statements(events, "b") == [statement]


def test_a_statement_is_removed_by_its_id(events: Any) -> None:
    for sid in ("s", "t"):
        events.put_permission(Action=PUT, Principal="*", StatementId=sid)

    events.remove_permission(StatementId="s")

    assert [statement["Sid"] for statement in statements(events)] == ["t"]


def test_all_statements_are_removed_at_once(events: Any) -> None:
    events.put_permission(Action=PUT, Principal="*", StatementId="s")

    events.remove_permission(RemoveAllPermissions=True)

    assert "Policy" not in events.describe_event_bus()


@pytest.mark.parametrize("has_a_policy", [True, False])
def test_a_statement_that_does_not_exist_cannot_be_removed(events: Any, has_a_policy: bool) -> None:
    if has_a_policy:
        events.put_permission(Action=PUT, Principal="*", StatementId="other")

    with refused("ResourceNotFoundException", "Statement with the provided id does not exist."):
        events.remove_permission(StatementId="s")


@pytest.mark.parametrize("name", ["Action", "Principal", "StatementId"])
def test_a_permission_needs_all_of_its_parts(events: Any, name: str) -> None:
    parts = {"Action": PUT, "Principal": "*", "StatementId": "s"}
    del parts[name]

    with refused("ValidationException", f"Parameter {name} must be specified."):
        events.put_permission(**parts)


def test_only_put_events_can_be_permitted(events: Any) -> None:
    with refused("ValidationException", "Provided value in parameter 'action' is not supported."):
        events.put_permission(Action="events:PutRule", Principal="*", StatementId="s")


def test_a_condition_is_for_everybody(events: Any) -> None:
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}

    with refused(
        "ValidationException",
        "Value of the parameter 'principal' must be '*' when the parameter 'condition' is set.",
    ):
        events.put_permission(Action=PUT, Principal="111111111111", StatementId="s", Condition=condition)


@pytest.mark.parametrize("policy", ["{", "[]", "{}", '{"Statement": ["x"]}'])
def test_a_policy_that_is_none_is_refused(events: Any, policy: str) -> None:
    with refused("ValidationException", "This policy contains invalid Json"):
        events.put_permission(Policy=policy)


def test_a_policy_of_more_than_ten_kibibytes_is_refused(events: Any) -> None:
    statement = {"Sid": "s" * 10_240, "Effect": "Allow", "Principal": "*", "Action": PUT, "Resource": "*"}

    with refused("PolicyLengthExceededException", "The event bus policy is too long."):
        events.put_permission(Policy=json.dumps({"Statement": [statement]}))


def test_a_bus_that_does_not_exist_is_named(events: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        events.put_permission(EventBusName="nowhere", Action=PUT, Principal="*", StatementId="s")


def test_without_a_permission_another_account_may_not_put_rules(
    events: Any, account: str, client_of: Any
) -> None:
    theirs = client_of("events", "200000000002")
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/default"

    with refused(
        "AccessDeniedException",
        f"Account 200000000002 is not authorized to perform: events:PutRule on resource: {bus} "
        "because no resource-based policy allows the events:PutRule action",
    ):
        theirs.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["x"]}')


def test_a_rule_of_another_account_is_told_apart_by_who_created_it(
    events: Any, account: str, client_of: Any
) -> None:
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/default"
    statement = {"Sid": "t", "Effect": "Allow", "Principal": "*", "Action": "events:*", "Resource": "*"}
    events.put_permission(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    client_of("events", "200000000003").put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["x"]}')

    described = events.describe_rule(Name="r")
    assert described["CreatedBy"] == "200000000003"
    assert described["Arn"] == f"arn:aws:events:us-east-1:{account}:rule/r"
