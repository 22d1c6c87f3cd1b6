"""API destinations on the wire."""

import re
from typing import Any

import pytest

from tests.apis.events.refusals import refused

ENDPOINT = "https://example.com/orders/*"
NOWHERE = "arn:aws:events:us-east-1:000000000000:connection/nowhere/00000000-0000-4000-8000-000000000000"


@pytest.fixture
def connection(world: Any) -> str:
    answer = world.events.create_connection(
        Name="c",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "ann", "Password": "secret"}},
    )
    return str(answer["ConnectionArn"])


def create(world: Any, connection: str, name: str = "d", **settings: Any) -> dict[str, Any]:
    arguments = {"InvocationEndpoint": ENDPOINT, "HttpMethod": "POST", **settings}
    answer: dict[str, Any] = world.events.create_api_destination(
        Name=name, ConnectionArn=connection, **arguments
    )
    return answer


def test_a_created_api_destination_is_active(world: Any, connection: str) -> None:
    answer = create(world, connection)

    assert answer["ApiDestinationState"] == "ACTIVE"
    assert re.fullmatch(
        r"arn:aws:events:us-east-1:000000000000:api-destination/d/[0-9a-f-]{36}",
        answer["ApiDestinationArn"],
    )
    assert answer["CreationTime"].timestamp() == answer["LastModifiedTime"].timestamp() == world.NOW


def test_an_api_destination_is_described_as_it_was_created(world: Any, connection: str) -> None:
    settings: dict[str, Any] = {
        "InvocationEndpoint": ENDPOINT,
        "HttpMethod": "PUT",
        "InvocationRateLimitPerSecond": 5,
        "Description": "orders",
    }
    create(world, connection, **settings)

    found = world.events.describe_api_destination(Name="d")

    assert {name: found[name] for name in settings} == settings
    assert (found["Name"], found["ConnectionArn"]) == ("d", connection)


def test_an_api_destination_is_called_300_times_a_second_unless_told_otherwise(
    world: Any, connection: str
) -> None:
    create(world, connection)

    assert world.events.describe_api_destination(Name="d")["InvocationRateLimitPerSecond"] == 300


def test_an_api_destination_is_inactive_while_its_connection_is_not_authorized(
    world: Any, connection: str
) -> None:
    create(world, connection)

    world.events.deauthorize_connection(Name="c")

    assert world.events.describe_api_destination(Name="d")["ApiDestinationState"] == "INACTIVE"


def test_an_updated_api_destination_keeps_what_was_not_named(world: Any, connection: str) -> None:
    create(world, connection, Description="orders")
    world.emulator.advance(5)

    answer = world.events.update_api_destination(Name="d", HttpMethod="DELETE")

    found = world.events.describe_api_destination(Name="d")
    assert (found["HttpMethod"], found["Description"]) == ("DELETE", "orders")
    assert answer["LastModifiedTime"].timestamp() == world.NOW + 5


def test_api_destinations_are_listed_page_by_page(world: Any, connection: str) -> None:
    for name in ("c", "a", "b"):
        create(world, connection, name)

    first = world.events.list_api_destinations(Limit=2)
    second = world.events.list_api_destinations(Limit=2, NextToken=first["NextToken"])

    assert [one["Name"] for one in first["ApiDestinations"] + second["ApiDestinations"]] == ["a", "b", "c"]


def test_api_destinations_are_found_by_prefix_and_connection(world: Any, connection: str) -> None:
    create(world, connection)

    for given, found in (
        ({"NamePrefix": "d"}, ["d"]),
        ({"NamePrefix": "x"}, []),
        ({"ConnectionArn": connection}, ["d"]),
        ({"ConnectionArn": NOWHERE}, []),
    ):
        answer = world.events.list_api_destinations(**given)
        assert [one["Name"] for one in answer["ApiDestinations"]] == found


def test_a_deleted_api_destination_is_gone(world: Any, connection: str) -> None:
    create(world, connection)

    world.events.delete_api_destination(Name="d")

    assert world.events.list_api_destinations()["ApiDestinations"] == []


@pytest.mark.parametrize("verb", ["describe", "update", "delete"])
def test_an_api_destination_that_does_not_exist_is_named(world: Any, verb: str) -> None:
    with refused(
        "ResourceNotFoundException",
        f"Failed to {verb} the api-destination(s). An api-destination 'nowhere' does not exist.",
    ):
        getattr(world.events, f"{verb}_api_destination")(Name="nowhere")


def test_a_second_api_destination_of_a_name_is_refused(world: Any, connection: str) -> None:
    create(world, connection)

    with refused("ResourceAlreadyExistsException", "An api-destination 'd' already exists."):
        create(world, connection)


def test_a_connection_that_does_not_exist_is_refused(world: Any, connection: str) -> None:
    create(world, connection)

    with refused(
        "ResourceNotFoundException",
        "Failed to create the api-destination(s). Connection 'nowhere' does not exist.",
    ):
        create(world, NOWHERE, "other")
    with refused(
        "ResourceNotFoundException",
        "Failed to update the api-destination(s). Connection 'nowhere' does not exist.",
    ):
        world.events.update_api_destination(Name="d", ConnectionArn=NOWHERE)


def test_what_breaks_the_constraints_is_told_at_once(world: Any) -> None:
    with refused(
        "ValidationException",
        "2 validation errors detected: Value 'invalid-connection-arn' at 'connectionArn' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: "
        r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$; "
        "Value 'INVALID_METHOD' at 'httpMethod' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]",
    ):
        create(world, "invalid-connection-arn", HttpMethod="INVALID_METHOD")


def test_a_name_of_other_characters_is_refused_for_an_api_destination(world: Any, connection: str) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
    ):
        create(world, connection, "Invalid Name With Spaces!")
