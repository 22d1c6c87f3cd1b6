"""API destinations against a real HTTP server: the three authorizations, the parameters, the rate, the retries."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

BASIC = {"BasicAuthParameters": {"Username": "ann", "Password": "secret"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "k-1"}}
ROLE = "arn:aws:iam::000000000000:role/r"


def oauth(api: Any) -> dict[str, Any]:
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "me", "ClientSecret": "shh"},
            "AuthorizationEndpoint": f"{api.url}/token",
            "HttpMethod": "POST",
            "OAuthHttpParameters": {
                "BodyParameters": [{"Key": "scope", "Value": "orders"}],
                "QueryStringParameters": [{"Key": "v", "Value": "1"}],
            },
        }
    }


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    return make_world()


@pytest.fixture
def invoke(world: Any, api: Any, put_target: Callable[..., None]) -> Callable[..., None]:
    """Put an event whose target is an API destination with a connection of this authorization."""

    def invoked(
        kind: str,
        parameters: dict[str, Any],
        http: dict[str, Any] | None = None,
        path: str = "/orders",
        rate: int = 300,
        **target: Any,
    ) -> None:
        connection = world.events.create_connection(
            Name="c",
            AuthorizationType=kind,
            AuthParameters=parameters | ({"InvocationHttpParameters": http} if http else {}),
        )["ConnectionArn"]
        destination = world.events.create_api_destination(
            Name="d",
            ConnectionArn=connection,
            InvocationEndpoint=api.url + path,
            HttpMethod="POST",
            InvocationRateLimitPerSecond=rate,
        )["ApiDestinationArn"]
        put_target(world, destination, RoleArn=ROLE, **target)
        world.put_event()

    return invoked


def test_basic_authorization(api: Any, invoke: Callable[..., None]) -> None:
    invoke("BASIC", BASIC)

    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", "/orders")
    assert asked.headers["authorization"] == "Basic " + b64encode(b"ann:secret").decode()
    assert asked.headers["content-type"] == "application/json; charset=utf-8"
    assert asked.headers["user-agent"] == "Amazon/EventBridge/ApiDestinations"
    assert json.loads(asked.body)["detail"] == {"n": 1}


def test_an_api_key(api: Any, invoke: Callable[..., None]) -> None:
    invoke("API_KEY", API_KEY)

    assert api.asked[0].headers["x-api-key"] == "k-1"


def test_client_credentials_are_exchanged_for_a_token_once(
    api: Any, world: Any, invoke: Callable[..., None]
) -> None:
    invoke("OAUTH_CLIENT_CREDENTIALS", oauth(api))
    world.put_event()

    (asked,) = api.tokens_asked
    assert (asked.method, asked.path) == ("POST", "/token?v=1")
    assert asked.body == "grant_type=client_credentials&client_id=me&client_secret=shh&scope=orders"
    assert [one.headers["authorization"] for one in api.asked] == ["Bearer token-1", "Bearer token-1"]


def test_a_token_that_is_refused_is_fetched_anew(api: Any, world: Any, invoke: Callable[..., None]) -> None:
    api.statuses = [401, 200]
    invoke("OAUTH_CLIENT_CREDENTIALS", oauth(api))

    assert [one.headers["authorization"] for one in api.asked] == ["Bearer token-1", "Bearer token-2"]
    assert world.dead_letters() == []


def test_a_token_that_expired_is_fetched_anew(api: Any, world: Any, invoke: Callable[..., None]) -> None:
    invoke("OAUTH_CLIENT_CREDENTIALS", oauth(api))
    world.emulator.advance(600)
    world.put_event()

    assert [one.headers["authorization"] for one in api.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_refused_password_is_a_dead_letter_at_once(
    api: Any, world: Any, invoke: Callable[..., None]
) -> None:
    api.statuses = [401]
    invoke("BASIC", BASIC)

    assert len(api.asked) == 1
    assert len(world.dead_letters()) == 1


def test_parameters_of_target_and_connection_come_together(api: Any, invoke: Callable[..., None]) -> None:
    invoke(
        "BASIC",
        BASIC,
        http={
            "HeaderParameters": [{"Key": "X-Who", "Value": "connection"}],
            "QueryStringParameters": [{"Key": "b", "Value": "connection"}],
            "BodyParameters": [{"Key": "extra", "Value": "1"}],
        },
        path="/orders/*/items/*",
        HttpParameters={
            "PathParameterValues": ["7", "a b"],
            "HeaderParameters": {"X-Who": "target", "X-Mark": "m"},
            "QueryStringParameters": {"a": "target", "b": "target"},
        },
        InputPath="$.detail",
    )

    (asked,) = api.asked
    assert asked.path == "/orders/7/items/a%20b?a=target&b=connection"
    assert (asked.headers["x-who"], asked.headers["x-mark"]) == ("connection", "m")
    assert json.loads(asked.body) == {"n": 1, "extra": "1"}


def test_the_rate_of_invocations_is_kept(api: Any, world: Any, invoke: Callable[..., None]) -> None:
    invoke("BASIC", BASIC, rate=2)
    for _ in range(4):
        world.put_event()
    world.emulator.advance(10)

    assert sorted(world.attempts()) == [0, 0, 0.5, 1, 1.5]


@pytest.mark.parametrize("status", [409, 429, 500])
def test_what_may_pass_is_tried_again(api: Any, world: Any, invoke: Callable[..., None], status: int) -> None:
    api.statuses = [status, 200]
    invoke("BASIC", BASIC)
    world.emulator.advance(1)

    assert len(api.asked) == 2


def test_without_authorization_nothing_is_asked(api: Any, world: Any, invoke: Callable[..., None]) -> None:
    invoke("BASIC", BASIC)
    world.events.deauthorize_connection(Name="c")
    world.put_event()

    assert len(api.asked) == 1
    (letter,) = world.dead_letters()
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_a_destination_that_is_gone_is_a_dead_letter(
    api: Any, world: Any, invoke: Callable[..., None]
) -> None:
    invoke("BASIC", BASIC)
    world.events.delete_api_destination(Name="d")
    world.put_event()

    (letter,) = world.dead_letters()
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
