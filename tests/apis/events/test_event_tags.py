"""Tags on buses and rules, on the wire."""

from typing import Any

import pytest

from tests.apis.events.refusals import refused

Tags = list[dict[str, str]]


def a_bus(events: Any, tags: Tags) -> str:
    arn: str = events.create_event_bus(Name="b", Tags=tags)["EventBusArn"]
    return arn


def a_rule(events: Any, tags: Tags) -> str:
    arn: str = events.put_rule(Name="r", EventPattern='{"source": ["shop"]}', Tags=tags)["RuleArn"]
    return arn


def a_rule_of_a_bus(events: Any, tags: Tags) -> str:
    events.create_event_bus(Name="b")
    put = events.put_rule(Name="r", EventBusName="b", EventPattern='{"source": ["shop"]}', Tags=tags)
    arn: str = put["RuleArn"]
    return arn


def tags_of(events: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in events.list_tags_for_resource(ResourceARN=arn)["Tags"]}


@pytest.mark.parametrize("make", [a_bus, a_rule, a_rule_of_a_bus])
def test_tags_are_given_changed_and_taken_away(events: Any, make: Any) -> None:
    arn = make(events, [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])

    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "3"}, {"Key": "c", "Value": ""}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a", "unknown"])

    assert tags_of(events, arn) == {"b": "3", "c": ""}


def test_a_resource_holds_fifty_tags(events: Any) -> None:
    arn = a_bus(events, [])
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])

    with refused("LimitExceededException", "The requested resource exceeds the maximum number allowed."):
        events.tag_resource(ResourceARN=arn, Tags=[{"Key": "one more", "Value": ""}])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("list_tags_for_resource", {}),
        ("tag_resource", {"Tags": [{"Key": "a", "Value": "1"}]}),
        ("untag_resource", {"TagKeys": ["a"]}),
    ],
)
@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("event-bus/nowhere", "Event bus nowhere does not exist."),
        ("rule/nothing", "Rule nothing does not exist on EventBus default."),
        ("rule/nowhere/nothing", "Event bus nowhere does not exist."),
    ],
)
def test_a_resource_that_does_not_exist_is_named(
    events: Any, account: str, operation: str, arguments: dict[str, Any], resource: str, message: str
) -> None:
    with refused("ResourceNotFoundException", message):
        getattr(events, operation)(ResourceARN=f"arn:aws:events:us-east-1:{account}:{resource}", **arguments)


def test_the_tags_of_a_deleted_rule_are_gone(events: Any) -> None:
    arn = a_rule_of_a_bus(events, [{"Key": "a", "Value": "1"}])
    events.delete_rule(Name="r", EventBusName="b")

    with refused("ResourceNotFoundException", "Rule r does not exist on EventBus b."):
        events.list_tags_for_resource(ResourceARN=arn)


def test_the_tags_of_a_deleted_bus_are_gone(events: Any) -> None:
    arn = a_bus(events, [{"Key": "a", "Value": "1"}])
    events.delete_event_bus(Name="b")

    with refused("ResourceNotFoundException", "Event bus b does not exist."):
        events.list_tags_for_resource(ResourceARN=arn)


def test_what_is_no_arn_of_a_bus_or_rule_is_refused(events: Any) -> None:
    with refused(
        "ValidationException", "Parameter x is not valid. Reason: Provided Arn is not in correct format."
    ):
        events.list_tags_for_resource(ResourceARN="x")
