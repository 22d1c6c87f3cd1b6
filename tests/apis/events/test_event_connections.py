"""Connections on the wire: what is kept, what is shown of it, and what is refused."""

import re
from typing import Any

import pytest

from pocketbus.emulator.buses.connection import (
    ApiKeyAuthorization,
    BasicAuthorization,
    HttpParameter,
    HttpParameters,
    OAuthAuthorization,
)
from pocketbus.emulator.engine import Engine
from tests.apis.events.refusals import refused

BASIC = {"BasicAuthParameters": {"Username": "ann", "Password": "secret"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}
OAUTH = {
    "OAuthParameters": {
        "ClientParameters": {"ClientID": "ann", "ClientSecret": "secret"},
        "AuthorizationEndpoint": "https://login.example.com/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {
            "BodyParameters": [
                {"Key": "grant_type", "Value": "client_credentials", "IsValueSecret": False},
                {"Key": "pin", "Value": "1234", "IsValueSecret": True},
            ]
        },
    }
}
SHOWN = {
    "BASIC": {"BasicAuthParameters": {"Username": "ann"}},
    "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key"}},
    "OAUTH_CLIENT_CREDENTIALS": {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "ann"},
            "AuthorizationEndpoint": "https://login.example.com/token",
            "HttpMethod": "POST",
            "OAuthHttpParameters": {
                "BodyParameters": [
                    {"Key": "grant_type", "Value": "client_credentials", "IsValueSecret": False},
                    {"Key": "pin", "IsValueSecret": True},
                ]
            },
        }
    },
}
GIVEN = {"BASIC": BASIC, "API_KEY": API_KEY, "OAUTH_CLIENT_CREDENTIALS": OAUTH}
RESOURCE = "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0123456789abcdefg"


def create(world: Any, kind: str = "BASIC", name: str = "c", **settings: Any) -> dict[str, Any]:
    arguments = {"Name": name, "AuthorizationType": kind, "AuthParameters": GIVEN[kind], **settings}
    answer: dict[str, Any] = world.events.create_connection(**arguments)
    return answer


def authorization_of(world: Any) -> Any:
    def read(engine: Engine) -> Any:
        return engine.scope("000000000000", "us-east-1").events.connections["c"].settings.authorization

    return world.emulator.call(read)


def test_a_created_connection_is_authorized(world: Any) -> None:
    answer = create(world)

    assert answer["ConnectionState"] == "AUTHORIZED"
    assert re.fullmatch(
        r"arn:aws:events:us-east-1:000000000000:connection/c/[0-9a-f-]{36}", answer["ConnectionArn"]
    )
    assert answer["CreationTime"].timestamp() == answer["LastModifiedTime"].timestamp() == world.NOW


@pytest.mark.parametrize("kind", ["BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"])
def test_a_connection_is_described_without_its_secrets(world: Any, kind: str) -> None:
    create(world, kind, Description="d", KmsKeyIdentifier="alias/key")

    found = world.events.describe_connection(Name="c")

    assert found["AuthParameters"] == SHOWN[kind]
    assert (found["AuthorizationType"], found["Description"], found["KmsKeyIdentifier"]) == (
        kind,
        "d",
        "alias/key",
    )
    assert found["SecretArn"].startswith(
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/c/"
    )
    assert ("LastAuthorizedTime" in found) == (kind != "OAUTH_CLIENT_CREDENTIALS")
    assert "secret" not in str(found["AuthParameters"])


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("BASIC", BasicAuthorization("ann", "secret")),
        ("API_KEY", ApiKeyAuthorization("X-Key", "secret")),
        (
            "OAUTH_CLIENT_CREDENTIALS",
            OAuthAuthorization(
                "ann",
                "secret",
                "https://login.example.com/token",
                "POST",
                HttpParameters(
                    body=(
                        HttpParameter("grant_type", "client_credentials"),
                        HttpParameter("pin", "1234", is_secret=True),
                    )
                ),
            ),
        ),
    ],
)
def test_a_connection_keeps_its_secrets_for_those_who_call(world: Any, kind: str, kept: Any) -> None:
    create(world, kind)

    assert authorization_of(world) == kept


def test_what_is_added_to_each_request_is_shown_but_for_secret_values(world: Any) -> None:
    added = {
        "HeaderParameters": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "q", "Value": "3"}],
    }
    create(world, AuthParameters={**BASIC, "InvocationHttpParameters": added})

    assert world.events.describe_connection(Name="c")["AuthParameters"]["InvocationHttpParameters"] == {
        "HeaderParameters": [
            {"Key": "a", "Value": "1", "IsValueSecret": False},
            {"Key": "b", "IsValueSecret": True},
        ],
        "QueryStringParameters": [{"Key": "q", "Value": "3", "IsValueSecret": False}],
    }


def test_a_private_endpoints_resource_is_kept(world: Any) -> None:
    parameters = {"ResourceParameters": {"ResourceConfigurationArn": RESOURCE}}
    create(world, InvocationConnectivityParameters=parameters)

    found = world.events.describe_connection(Name="c")["InvocationConnectivityParameters"]

    assert found["ResourceParameters"]["ResourceConfigurationArn"] == RESOURCE


def test_an_update_changes_what_it_names(world: Any) -> None:
    create(world, Description="old")
    world.emulator.advance(5)

    answer = world.events.update_connection(
        Name="c", AuthParameters={"BasicAuthParameters": {"Password": "other"}}
    )

    assert authorization_of(world) == BasicAuthorization("ann", "other")
    assert (answer["ConnectionState"], answer["LastModifiedTime"].timestamp()) == (
        "AUTHORIZED",
        world.NOW + 5,
    )
    assert world.events.describe_connection(Name="c")["Description"] == "old"


def test_an_update_can_change_the_type_of_authorization(world: Any) -> None:
    create(world)

    world.events.update_connection(Name="c", AuthorizationType="API_KEY", AuthParameters=API_KEY)

    assert authorization_of(world) == ApiKeyAuthorization("X-Key", "secret")


def test_an_update_to_another_type_needs_all_of_its_parameters(world: Any) -> None:
    create(world)

    with refused(
        "ValidationException", "Parameter(s) AuthParameters.ApiKeyAuthParameters must be specified."
    ):
        world.events.update_connection(Name="c", AuthorizationType="API_KEY")
    with refused(
        "ValidationException",
        "Parameter(s) AuthParameters.ApiKeyAuthParameters.ApiKeyValue must be specified.",
    ):
        world.events.update_connection(
            Name="c",
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k"}},
        )


def test_a_deauthorized_connection_has_no_secrets_until_it_is_updated(world: Any) -> None:
    create(world)

    answer = world.events.deauthorize_connection(Name="c")

    assert answer["ConnectionState"] == "DEAUTHORIZING"
    assert authorization_of(world) is None
    assert world.events.update_connection(Name="c", AuthParameters=BASIC)["ConnectionState"] == "AUTHORIZED"


def test_connections_are_listed_page_by_page(world: Any) -> None:
    for name in ("c", "a", "b"):
        create(world, name=name)

    first = world.events.list_connections(Limit=2)
    second = world.events.list_connections(Limit=2, NextToken=first["NextToken"])

    assert [found["Name"] for found in first["Connections"] + second["Connections"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"NamePrefix": "c"}, ["c"]),
        ({"NamePrefix": "x"}, []),
        ({"ConnectionState": "AUTHORIZED"}, ["c"]),
        ({"ConnectionState": "DEAUTHORIZED"}, []),
    ],
)
def test_connections_are_found_by_prefix_and_state(
    world: Any, given: dict[str, str], found: list[str]
) -> None:
    create(world)

    assert [one["Name"] for one in world.events.list_connections(**given)["Connections"]] == found


def test_a_deleted_connection_is_gone(world: Any) -> None:
    create(world)

    assert world.events.delete_connection(Name="c")["ConnectionState"] == "DELETING"
    with refused(
        "ResourceNotFoundException",
        "Failed to describe the connection(s). Connection 'c' does not exist.",
    ):
        world.events.describe_connection(Name="c")


@pytest.mark.parametrize("verb", ["update", "deauthorize", "delete"])
def test_a_connection_that_does_not_exist_is_named(world: Any, verb: str) -> None:
    with refused(
        "ResourceNotFoundException",
        f"Failed to {verb} the connection(s). Connection 'nowhere' does not exist.",
    ):
        getattr(world.events, f"{verb}_connection")(Name="nowhere")


def test_a_second_connection_of_a_name_is_refused(world: Any) -> None:
    create(world)

    with refused("ResourceAlreadyExistsException", "Connection c already exists."):
        create(world)


def test_parameters_of_another_type_are_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "Parameter(s) AuthParameters.ApiKeyAuthParameters must not be specified for authorization type BASIC.",
    ):
        create(world, AuthParameters={**BASIC, **API_KEY})


def test_a_connection_without_parameters_for_its_type_is_refused(world: Any) -> None:
    with refused("ValidationException", "Parameter(s) AuthParameters.BasicAuthParameters must be specified."):
        create(world, AuthParameters={})


def test_a_type_that_does_not_exist_is_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'INVALID_AUTH_TYPE' at 'authorizationType' failed to satisfy "
        "constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
    ):
        create(world, AuthorizationType="INVALID_AUTH_TYPE")


def test_a_name_of_other_characters_is_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
    ):
        create(world, name="Invalid Name With Spaces!")


def test_everything_that_is_wrong_is_told_at_once(world: Any) -> None:
    name = "This should fail with two errors 123467890123412341234123412341234"

    with refused(
        "ValidationException",
        f"3 validation errors detected: Value '{name}' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; "
        f"Value '{name}' at 'name' failed to satisfy constraint: "
        "Member must have length less than or equal to 64; "
        "Value 'INVALID' at 'authorizationType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
    ):
        create(world, name=name, AuthorizationType="INVALID")
