"""Partner event sources on the wire, seen from the partner's account and from its customer's."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

NAME = "aws.partner/example.com/shop"
ARN = f"arn:aws:events:us-east-1::event-source/{NAME}"
CUSTOMER = "000000000000"
WEEKS = 7 * 86_400


@pytest.fixture
def partner(world: Any) -> Any:
    """EventBridge as the partner's account sees it, with a source for the customer."""
    events = world.client("events", account="999999999999")
    events.create_partner_event_source(Name=NAME, Account=CUSTOMER)
    return events


def take_up(world: Any) -> str:
    """Make the bus of the source and a queue for all its events; return the queue's URL."""
    world.events.create_event_bus(Name=NAME, EventSourceName=NAME)
    url, queue = world.queue()
    world.events.put_rule(Name="r", EventBusName=NAME, EventPattern='{"source": [{"prefix": "aws.partner"}]}')
    world.events.put_targets(Rule="r", EventBusName=NAME, Targets=[{"Id": "q", "Arn": queue}])
    return str(url)


def put(partner: Any, **members: Any) -> dict[str, Any]:
    entry = {"Source": NAME, "DetailType": "Order", "Detail": '{"n": 1}', **members}
    answer: dict[str, Any] = partner.put_partner_events(Entries=[entry])
    return answer


def state(world: Any) -> str:
    return str(world.events.describe_event_source(Name=NAME)["State"])


def test_a_created_source_is_named_without_an_account(world: Any) -> None:
    partner = world.client("events", account="999999999999")

    answer = partner.create_partner_event_source(Name=NAME, Account=CUSTOMER)

    assert answer["EventSourceArn"] == ARN


def test_a_source_is_pending_for_its_customer_until_there_is_a_bus(world: Any, partner: Any) -> None:
    found = world.events.describe_event_source(Name=NAME)

    assert (found["Arn"], found["Name"], found["State"]) == (ARN, NAME, "PENDING")
    assert found["CreatedBy"] == "aws.partner/example.com"
    assert found["CreationTime"].timestamp() == world.NOW
    assert found["ExpirationTime"].timestamp() == world.NOW + 2 * WEEKS
    take_up(world)
    assert state(world) == "ACTIVE"
    assert "ExpirationTime" not in world.events.describe_event_source(Name=NAME)


def test_a_partners_event_reaches_the_customers_rules(world: Any, partner: Any) -> None:
    url = take_up(world)

    answer = put(partner, Resources=["r"], Time=world.NOW)

    (body,) = world.bodies(url)
    assert answer["FailedEntryCount"] == 0
    assert json.loads(body) == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "detail-type": "Order",
        "source": NAME,
        "account": CUSTOMER,
        "time": "2026-01-01T10:00:00Z",
        "region": "us-east-1",
        "resources": ["r"],
        "detail": {"n": 1},
    }


def test_a_deactivated_source_sends_nothing_until_it_is_activated(world: Any, partner: Any) -> None:
    url = take_up(world)

    world.events.deactivate_event_source(Name=NAME)
    assert (state(world), put(partner)["FailedEntryCount"], world.bodies(url)) == ("PENDING", 0, [])

    world.events.activate_event_source(Name=NAME)
    put(partner)
    assert (state(world), len(world.bodies(url))) == ("ACTIVE", 1)


def test_a_pending_source_is_gone_after_two_weeks(world: Any, partner: Any) -> None:
    world.emulator.advance(2 * WEEKS - 1)
    assert len(world.events.list_event_sources()["EventSources"]) == 1

    world.emulator.advance(1)

    assert world.events.list_event_sources()["EventSources"] == []
    with refused("ResourceNotFoundException", f"Event source {NAME} does not exist."):
        partner.describe_partner_event_source(Name=NAME)


def test_a_source_waits_again_when_its_bus_is_deleted(world: Any, partner: Any) -> None:
    world.events.create_event_bus(Name=NAME, EventSourceName=NAME)

    world.events.delete_event_bus(Name=NAME)

    assert state(world) == "PENDING"


def test_a_source_that_its_partner_deletes_stays_with_its_bus_as_deleted(world: Any, partner: Any) -> None:
    take_up(world)

    partner.delete_partner_event_source(Name=NAME, Account=CUSTOMER)

    assert state(world) == "DELETED"
    (outcome,) = put(partner)["Entries"]
    assert outcome == {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": f"Parameter Source is not valid. Reason: Event source {NAME} does not exist.",
    }


def test_a_deleted_source_without_a_bus_is_gone(world: Any, partner: Any) -> None:
    partner.delete_partner_event_source(Name=NAME, Account=CUSTOMER)
    partner.delete_partner_event_source(Name=NAME, Account=CUSTOMER)

    assert world.events.list_event_sources()["EventSources"] == []


def test_a_source_for_two_customers_reaches_both(world: Any, partner: Any) -> None:
    partner.create_partner_event_source(Name=NAME, Account="111111111111")

    accounts = partner.list_partner_event_source_accounts(EventSourceName=NAME)["PartnerEventSourceAccounts"]

    assert [(found["Account"], found["State"]) for found in accounts] == [
        (CUSTOMER, "PENDING"),
        ("111111111111", "PENDING"),
    ]


def test_the_accounts_of_a_source_are_listed_page_by_page(world: Any, partner: Any) -> None:
    partner.create_partner_event_source(Name=NAME, Account="111111111111")
    first = partner.list_partner_event_source_accounts(EventSourceName=NAME, Limit=1)

    second = partner.list_partner_event_source_accounts(
        EventSourceName=NAME, Limit=1, NextToken=first["NextToken"]
    )

    assert second["PartnerEventSourceAccounts"][0]["Account"] == "111111111111"


def test_a_partner_lists_and_describes_its_sources(world: Any, partner: Any) -> None:
    other = "aws.partner/example.com/bank"
    partner.create_partner_event_source(Name=other, Account=CUSTOMER)

    first = partner.list_partner_event_sources(NamePrefix="aws.partner/example.com/", Limit=1)
    second = partner.list_partner_event_sources(
        NamePrefix="aws.partner/example.com/", NextToken=first["NextToken"]
    )

    assert [found["Name"] for found in first["PartnerEventSources"]] == [other]
    assert second["PartnerEventSources"] == [{"Arn": ARN, "Name": NAME}]
    found = partner.describe_partner_event_source(Name=NAME)
    assert (found["Arn"], found["Name"]) == (ARN, NAME)


def test_a_customer_lists_its_sources_page_by_page_and_by_prefix(world: Any, partner: Any) -> None:
    partner.create_partner_event_source(Name="aws.partner/example.com/bank", Account=CUSTOMER)

    first = world.events.list_event_sources(Limit=1)
    second = world.events.list_event_sources(Limit=1, NextToken=first["NextToken"])
    named = world.events.list_event_sources(NamePrefix=NAME)

    assert [found["Name"] for found in second["EventSources"]] == [NAME]
    assert [found["Name"] for found in named["EventSources"]] == [NAME]


@pytest.mark.parametrize(
    "operation", ["describe_event_source", "activate_event_source", "deactivate_event_source"]
)
def test_a_source_that_was_not_offered_is_named(world: Any, operation: str) -> None:
    with refused("ResourceNotFoundException", f"Event source {NAME} does not exist."):
        getattr(world.events, operation)(Name=NAME)


def test_accounts_of_a_source_that_does_not_exist_are_refused(world: Any) -> None:
    with refused("ResourceNotFoundException", f"Event source {NAME} does not exist."):
        world.events.list_partner_event_source_accounts(EventSourceName=NAME)


def test_a_second_source_of_a_name_for_the_same_customer_is_refused(world: Any, partner: Any) -> None:
    with refused("ResourceAlreadyExistsException", f"Event source {NAME} already exists."):
        partner.create_partner_event_source(Name=NAME, Account=CUSTOMER)


def test_a_source_is_activated_and_deactivated_in_the_right_state_only(world: Any, partner: Any) -> None:
    with refused("InvalidStateException", f"Event source {NAME} has no matching event bus."):
        world.events.activate_event_source(Name=NAME)
    with refused("InvalidStateException", f"Event source {NAME} is not in ACTIVE state."):
        world.events.deactivate_event_source(Name=NAME)
    take_up(world)
    with refused("InvalidStateException", f"Event source {NAME} is not in PENDING state."):
        world.events.activate_event_source(Name=NAME)


def test_a_bus_is_made_of_an_offered_source_of_its_own_name_only(world: Any, partner: Any) -> None:
    with refused("ValidationException", "Event bus name must match the name of the partner event source."):
        world.events.create_event_bus(Name="shop", EventSourceName=NAME)
    with refused("ResourceNotFoundException", f"Event source {NAME}/2 does not exist."):
        world.events.create_event_bus(Name=f"{NAME}/2", EventSourceName=f"{NAME}/2")


def test_a_second_bus_of_a_source_is_refused(world: Any, partner: Any) -> None:
    take_up(world)

    with refused("ResourceAlreadyExistsException", f"Event bus {NAME} already exists."):
        world.events.create_event_bus(Name=NAME, EventSourceName=NAME)


def test_partner_events_fail_one_by_one(world: Any, partner: Any) -> None:
    take_up(world)
    good = {"Source": NAME, "DetailType": "Order", "Detail": "{}"}

    answer = partner.put_partner_events(Entries=[{**good, "Detail": "["}, good, {"Source": NAME}])

    assert answer["FailedEntryCount"] == 2
    assert [outcome.get("ErrorCode") for outcome in answer["Entries"]] == [
        "MalformedDetail",
        None,
        "InvalidArgument",
    ]
