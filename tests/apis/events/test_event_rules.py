"""Rules on the wire."""

from typing import Any

import pytest

from tests.apis.events.refusals import refused

ORDERS = '{"source": ["shop"]}'


def names(answer: dict[str, Any]) -> list[str]:
    return [rule["Name"] for rule in answer["Rules"]]


def test_a_rule_is_put_and_described(events: Any, account: str) -> None:
    arn = events.put_rule(Name="r", EventPattern=ORDERS, Description="d", RoleArn="arn:aws:iam::1:role/x")[
        "RuleArn"
    ]

    described = events.describe_rule(Name="r")

    del described["ResponseMetadata"]
    assert described == {
        "Name": "r",
        "Arn": arn,
        "EventPattern": ORDERS,
        "State": "ENABLED",
        "Description": "d",
        "RoleArn": "arn:aws:iam::1:role/x",
        "EventBusName": "default",
        "CreatedBy": account,
    }


def test_the_arn_of_a_rule_names_its_account(events: Any, account: str) -> None:
    assert (
        events.put_rule(Name="r", EventPattern=ORDERS)["RuleArn"]
        == f"arn:aws:events:us-east-1:{account}:rule/r"
    )


def test_a_rule_of_another_bus_is_found_by_the_buss_name_and_arn(events: Any, account: str) -> None:
    bus = events.create_event_bus(Name="b")["EventBusArn"]
    arn = events.put_rule(Name="r", EventBusName=bus, EventPattern=ORDERS)["RuleArn"]

    assert arn == f"arn:aws:events:us-east-1:{account}:rule/b/r"
    assert events.describe_rule(Name="r", EventBusName="b")["EventBusName"] == "b"


def test_a_rule_put_again_loses_what_is_not_given(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=ORDERS, Description="d", State="DISABLED")
    events.put_rule(Name="r", ScheduleExpression="rate(5 minutes)")

    described = events.describe_rule(Name="r")

    assert "Description" not in described
    assert "EventPattern" not in described
    assert (described["State"], described["ScheduleExpression"]) == ("ENABLED", "rate(5 minutes)")


def test_a_rule_put_again_keeps_its_tags(events: Any) -> None:
    arn = events.put_rule(Name="r", EventPattern=ORDERS, Tags=[{"Key": "k", "Value": "old"}])["RuleArn"]
    events.put_rule(Name="r", EventPattern=ORDERS, Tags=[{"Key": "k", "Value": "new"}])

    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "old"}]


def test_a_rule_needs_a_pattern_or_a_schedule(events: Any) -> None:
    with refused("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."):
        events.put_rule(Name="r")


def test_a_rule_of_a_bus_that_does_not_exist_is_refused(events: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        events.put_rule(Name="r", EventBusName="nowhere", EventPattern=ORDERS)


def test_a_rule_of_a_bus_arn_that_does_not_exist_is_refused(events: Any, account: str) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        events.list_rules(EventBusName=f"arn:aws:events:us-east-1:{account}:event-bus/nowhere")


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 1 * * * *)",
        "cron(0 dummy ? * MON-FRI *)",
        "rate(1 minutes)",
        "rate(10 minute)",
        "rate(0 minutes)",
        "rate(10 MINUTES)",
        "rate( 10 minutes )",
        "rate(10 seconds)",
        "at(2030-01-01T00:00:00)",
    ],
)
def test_a_bad_schedule_is_refused(events: Any, expression: str) -> None:
    with refused("ValidationException", "Parameter ScheduleExpression is not valid."):
        events.put_rule(Name="r", ScheduleExpression=expression)


def test_a_schedule_is_refused_on_another_bus(events: Any) -> None:
    events.create_event_bus(Name="b")

    with refused("ValidationException", "ScheduleExpression is supported only on the default event bus."):
        events.put_rule(Name="r", EventBusName="b", ScheduleExpression="rate(5 minutes)")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('{"a": 5}', '"a" must be an object or an array'),
        ('{"a": "x"}', '"a" must be an object or an array'),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS"),
        ('{"a": [{"prefix": 5}]}', "prefix match pattern must be a string"),
        ('{"a": [{"numeric": ["<", "x"]}]}', "Value of < must be numeric"),
        ('["not", "a", "dict"]', "Filter is not an object"),
    ],
)
def test_a_bad_pattern_is_refused_in_the_words_of_aws(events: Any, pattern: str, reason: str) -> None:
    with pytest.raises(events.exceptions.InvalidEventPatternException) as error:
        events.put_rule(Name="r", EventPattern=pattern)

    first_line = error.value.response["Error"]["Message"].split("\n")[0]
    assert first_line == f"Event pattern is not valid. Reason: {reason}"


def test_a_refused_rule_is_not_there(events: Any) -> None:
    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.put_rule(Name="r", EventPattern="{")

    assert names(events.list_rules()) == []


def test_a_rule_that_does_not_exist_is_named_with_its_bus(events: Any) -> None:
    with refused("ResourceNotFoundException", "Rule r does not exist on EventBus default."):
        events.describe_rule(Name="r")


@pytest.mark.parametrize("operation", ["enable_rule", "disable_rule"])
def test_a_rule_that_does_not_exist_cannot_be_switched(events: Any, operation: str) -> None:
    with refused("ResourceNotFoundException", "Rule r does not exist on EventBus default."):
        getattr(events, operation)(Name="r")


def test_a_rule_is_disabled_and_enabled(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=ORDERS)

    events.disable_rule(Name="r")
    disabled = events.describe_rule(Name="r")["State"]
    events.enable_rule(Name="r")

    assert (disabled, events.describe_rule(Name="r")["State"]) == ("DISABLED", "ENABLED")


def test_rules_are_listed_by_prefix_page_by_page(events: Any) -> None:
    for name in ("r3", "other", "r1", "r2"):
        events.put_rule(Name=name, EventPattern=ORDERS)

    first = events.list_rules(NamePrefix="r", Limit=2)
    second = events.list_rules(NamePrefix="r", Limit=2, NextToken=first["NextToken"])

    assert (names(first), names(second)) == (["r1", "r2"], ["r3"])
    assert "NextToken" not in second


def test_a_page_of_rules_holds_a_hundred(events: Any) -> None:
    for number in range(101):
        events.put_rule(Name=f"r{number:03}", EventPattern=ORDERS)

    first = events.list_rules()

    assert len(first["Rules"]) == 100
    assert names(events.list_rules(NextToken=first["NextToken"])) == ["r100"]


def test_rules_are_found_by_their_target(events: Any) -> None:
    target = "arn:aws:sqs:us-east-1:000000000000:q"
    for name in ("r3", "r1", "r2"):
        events.put_rule(Name=name, EventPattern=ORDERS)
    for name in ("r3", "r1"):
        events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": target}])

    first = events.list_rule_names_by_target(TargetArn=target, Limit=1)
    second = events.list_rule_names_by_target(TargetArn=target, NextToken=first["NextToken"])

    assert (first["RuleNames"], second["RuleNames"]) == (["r1"], ["r3"])


def test_a_deleted_rule_is_gone(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=ORDERS)

    events.delete_rule(Name="r")

    assert names(events.list_rules()) == []


def test_deleting_a_rule_twice_succeeds(events: Any) -> None:
    assert events.delete_rule(Name="r")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_rule_with_targets_cannot_be_deleted(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=ORDERS)
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}])

    with refused("ValidationException", "Rule can't be deleted since it has targets."):
        events.delete_rule(Name="r")
