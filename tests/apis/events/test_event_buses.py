"""Event buses on the wire."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apis.events.refusals import refused


def test_a_bus_is_created_and_described(events: Any, account: str) -> None:
    created = events.create_event_bus(Name="b", Description="of orders")

    arn = f"arn:aws:events:us-east-1:{account}:event-bus/b"
    described = events.describe_event_bus(Name="b")
    assert (created["EventBusArn"], created["Description"]) == (arn, "of orders")
    assert (described["Name"], described["Arn"], described["Description"]) == ("b", arn, "of orders")


def test_a_bus_knows_when_it_was_created(events: Any) -> None:
    events.create_event_bus(Name="b")

    described = events.describe_event_bus(Name="b")

    assert abs((datetime.now(UTC) - described["CreationTime"]).total_seconds()) < 60
    assert described["LastModifiedTime"] == described["CreationTime"]


def test_without_a_name_the_default_bus_is_described(events: Any) -> None:
    assert events.describe_event_bus()["Name"] == "default"


def test_a_bus_is_described_by_its_arn(events: Any) -> None:
    arn = events.create_event_bus(Name="b")["EventBusArn"]

    assert events.describe_event_bus(Name=arn)["Name"] == "b"


def test_what_has_no_effect_is_stored(events: Any) -> None:
    settings = {
        "KmsKeyIdentifier": "alias/key",
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"},
        "LogConfig": {"Level": "INFO", "IncludeDetail": "FULL"},
    }
    events.create_event_bus(Name="b", **settings)

    described = events.describe_event_bus(Name="b")

    assert {name: described[name] for name in settings} == settings


def test_the_dead_letter_queue_of_a_bus_is_a_standard_queue(events: Any) -> None:
    fifo = "arn:aws:sqs:us-east-1:000000000000:dead.fifo"

    with refused(
        "ValidationException",
        f"Parameter {fifo} is not valid. Reason: A dead-letter queue is a standard SQS queue.",
    ):
        events.create_event_bus(Name="b", DeadLetterConfig={"Arn": fifo})


def test_a_bus_is_created_with_fifty_tags_at_most(events: Any) -> None:
    tags = [{"Key": str(n), "Value": ""} for n in range(51)]

    with refused("LimitExceededException", "The requested resource exceeds the maximum number allowed."):
        events.create_event_bus(Name="b", Tags=tags)


def test_an_update_replaces_the_settings(events: Any) -> None:
    arn = events.create_event_bus(Name="b", Description="old", KmsKeyIdentifier="alias/key")["EventBusArn"]

    updated = events.update_event_bus(Name="b", Description="new")

    assert (updated["Arn"], updated["Name"], updated["Description"]) == (arn, "b", "new")
    assert "KmsKeyIdentifier" not in events.describe_event_bus(Name="b")


def test_a_second_bus_of_a_name_is_refused(events: Any) -> None:
    events.create_event_bus(Name="b")

    with refused("ResourceAlreadyExistsException", "Event bus b already exists."):
        events.create_event_bus(Name="b")


def test_the_default_bus_cannot_be_created(events: Any) -> None:
    with refused("ResourceAlreadyExistsException", "Event bus default already exists."):
        events.create_event_bus(Name="default")


def test_a_name_with_a_slash_is_refused(events: Any) -> None:
    with refused("ValidationException", "Event bus name must not contain '/'."):
        events.create_event_bus(Name="a/b")


@pytest.mark.parametrize("operation", ["describe_event_bus", "update_event_bus"])
def test_a_bus_that_does_not_exist_is_named(events: Any, operation: str) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        getattr(events, operation)(Name="nowhere")


def test_deleting_a_bus_that_does_not_exist_succeeds(events: Any) -> None:
    assert events.delete_event_bus(Name="nowhere")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_deleted_bus_is_gone(events: Any) -> None:
    events.create_event_bus(Name="b")

    events.delete_event_bus(Name="b")

    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]


def test_the_default_bus_cannot_be_deleted(events: Any) -> None:
    with refused("ValidationException", "Cannot delete event bus default."):
        events.delete_event_bus(Name="default")


def test_a_bus_with_rules_cannot_be_deleted(events: Any) -> None:
    events.create_event_bus(Name="b")
    events.put_rule(Name="r", EventBusName="b", EventPattern='{"source": ["shop"]}')

    with refused("ValidationException", "Event bus b can't be deleted since it has rules."):
        events.delete_event_bus(Name="b")


def test_buses_are_listed_by_prefix_page_by_page(events: Any) -> None:
    for name in ("b3", "a", "b1", "b2"):
        events.create_event_bus(Name=name)

    first = events.list_event_buses(NamePrefix="b", Limit=2)
    second = events.list_event_buses(NamePrefix="b", Limit=2, NextToken=first["NextToken"])

    assert [bus["Name"] for bus in first["EventBuses"]] == ["b1", "b2"]
    assert [bus["Name"] for bus in second["EventBuses"]] == ["b3"]
    assert "NextToken" not in second


def test_a_token_that_is_not_ours_is_refused(events: Any) -> None:
    with refused("InvalidToken", "The specified pagination token is not valid."):
        events.list_event_buses(NextToken="x")


def test_accounts_do_not_see_one_anothers_buses(events: Any, client_of: Any) -> None:
    events.create_event_bus(Name="b")

    theirs = client_of("events", "200000000000")

    assert [bus["Name"] for bus in theirs.list_event_buses()["EventBuses"]] == ["default"]
