"""Custom event buses as boto3 creates, describes, updates, lists and deletes them."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import World, refusal

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def described(world: World, arn: str) -> Any:
    found = world.buses.describe_event_bus(EventBusArn=arn)
    found.pop("ResponseMetadata")
    return found


def test_a_bus_is_created_with_an_id_of_25_characters_and_defaults(world: World) -> None:
    created = world.buses.create_event_bus(Name="shop")

    assert re.fullmatch(
        "arn:aws:events:us-east-1:000000000000:event-busv2/shop/[a-z0-9]{25}", created["EventBusArn"]
    )
    created.pop("ResponseMetadata")
    assert created == {
        "EventBusArn": created["EventBusArn"],
        "Name": "shop",
        "StorageConfiguration": {"RetentionPeriodInDays": 1, "RetentionWindowStartTime": NOON},
        "State": "CREATING",
        "CreationTime": NOON,
    }


def test_a_bus_is_described_as_it_was_told(world: World) -> None:
    arn = world.bus(
        days=90,
        Description="all orders",
        EncryptionConfiguration={"KmsKeyIdentifier": "alias/key"},
    )

    assert described(world, arn) == {
        "EventBusArn": arn,
        "Name": "shop",
        "Description": "all orders",
        "EncryptionConfiguration": {"KmsKeyIdentifier": "alias/key"},
        "StorageConfiguration": {"RetentionPeriodInDays": 90, "RetentionWindowStartTime": NOON},
        "State": "ACTIVE",
        "CreationTime": NOON,
        "LastModifiedTime": NOON,
    }


def test_a_bus_takes_no_events_before_it_is_active(world: World) -> None:
    arn = world.buses.create_event_bus(Name="shop")["EventBusArn"]
    entry = {"Source": "shop", "DetailType": "placed", "Detail": "{}"}

    assert refusal(world.buses.put_events, EventBusArn=arn, Entries=[entry]) == (
        "InvalidStateException",
        409,
        "Event bus shop is in state CREATING.",
    )
    assert refusal(world.buses.update_event_bus, EventBusArn=arn)[0] == "InvalidStateException"
    assert refusal(world.buses.delete_event_bus, EventBusArn=arn)[0] == "InvalidStateException"


def test_only_a_change_of_the_key_passes_through_updating(world: World) -> None:
    arn = world.bus()

    changed = world.buses.update_event_bus(EventBusArn=arn, StorageConfiguration={"RetentionPeriodInDays": 7})
    assert (changed["State"], changed["StorageConfiguration"]["RetentionPeriodInDays"]) == ("ACTIVE", 7)
    changed = world.buses.update_event_bus(
        EventBusArn=arn, EncryptionConfiguration={"KmsKeyIdentifier": "alias/key"}
    )
    assert changed["State"] == "UPDATING"
    assert len(world.put(arn, {})) == 1
    assert refusal(world.buses.update_event_bus, EventBusArn=arn)[2] == "Event bus shop is in state UPDATING."
    world.advance(1)
    assert described(world, arn)["State"] == "ACTIVE"


def test_an_update_leaves_what_it_does_not_name_and_blanks_take_away(world: World) -> None:
    arn = world.bus(days=3, Description="orders", EncryptionConfiguration={"KmsKeyIdentifier": "k"})

    world.buses.update_event_bus(EventBusArn=arn, Description="all orders")
    found = described(world, arn)
    assert (found["Description"], found["StorageConfiguration"]["RetentionPeriodInDays"]) == ("all orders", 3)
    world.buses.update_event_bus(EventBusArn=arn, Description="", EncryptionConfiguration={})
    found = described(world, arn)
    assert "Description" not in found
    assert "EncryptionConfiguration" not in found


def test_a_name_is_taken_once_and_free_again_when_its_bus_is_gone(world: World) -> None:
    arn = world.bus()

    assert refusal(world.buses.create_event_bus, Name="shop") == (
        "ResourceAlreadyExistsException",
        409,
        "Event bus shop already exists.",
    )
    world.buses.delete_event_bus(EventBusArn=arn)
    assert described(world, arn)["State"] == "DELETING"
    assert refusal(world.put, bus=arn)[0] == "InvalidInputException"
    world.advance(1)
    assert refusal(world.buses.describe_event_bus, EventBusArn=arn) == (
        "ResourceNotFoundException",
        404,
        f"Event bus {arn} does not exist.",
    )
    assert world.bus() != arn


def test_a_token_that_comes_again_makes_nothing_new(world: World) -> None:
    first = world.buses.create_event_bus(Name="shop", ClientToken="t")
    again = world.buses.create_event_bus(Name="shop", ClientToken="t")

    assert again["EventBusArn"] == first["EventBusArn"]
    assert again["State"] == "CREATING"
    assert refusal(world.buses.create_event_bus, Name="other", ClientToken="t") == (
        "IdempotentParameterMismatchException",
        409,
        "The client token t was used with other parameters.",
    )


def test_buses_are_listed_by_name_page_by_page(world: World) -> None:
    for name in ("c", "a", "b", "ab"):
        world.bus(name)

    page = world.buses.list_event_buses(MaxResults=2)
    rest = world.buses.list_event_buses(MaxResults=2, NextToken=page["NextToken"])
    assert [one["Name"] for one in page["EventBuses"] + rest["EventBuses"]] == ["a", "ab", "b", "c"]
    assert "NextToken" not in rest
    listed = world.buses.list_event_buses(NamePrefix="a", EventBusAccountId="000000000000")["EventBuses"]
    assert [one["Name"] for one in listed] == ["a", "ab"]
    assert listed[0].keys() == {
        *("Name", "EventBusArn", "CreationTime", "LastModifiedTime", "State", "EventBusAccountId")
    }
    assert world.buses.list_event_buses(EventBusAccountId="111111111111")["EventBuses"] == []
    assert refusal(world.buses.list_event_buses, NextToken="x")[0] == "InvalidInputException"


def test_the_retention_window_begins_with_the_bus_and_then_moves_on(world: World) -> None:
    arn = world.bus(days=2)

    world.advance(86_400)
    assert described(world, arn)["StorageConfiguration"]["RetentionWindowStartTime"] == NOON
    world.advance(2 * 86_400 - 1)
    assert described(world, arn)["StorageConfiguration"]["RetentionWindowStartTime"] == datetime(
        2026, 1, 2, 12, tzinfo=UTC
    )


@pytest.mark.parametrize("waiter", ["event_bus_active", "event_bus_deleted"])
def test_the_waiters_of_boto3_see_the_end_of_a_change(world: World, waiter: str) -> None:
    arn = world.bus()
    if waiter == "event_bus_deleted":
        world.buses.delete_event_bus(EventBusArn=arn)
        world.advance(1)

    world.buses.get_waiter(waiter).wait(EventBusArn=arn, WaiterConfig={"Delay": 0, "MaxAttempts": 1})
