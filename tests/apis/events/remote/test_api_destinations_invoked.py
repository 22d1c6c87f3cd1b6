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


RESERVED = """
    A-IM Accept-Charset Accept-Datetime Accept-Encoding Cache-Control Connection Content-Encoding Content-Length
    Content-MD5 Date Expect Forwarded From Host HTTP2-Settings If-Match If-Modified-Since If-None-Match If-Range
    If-Unmodified-Since Keep-Alive Max-Forwards Origin Pragma Proxy-Authenticate Proxy-Authorization
    Proxy-Connection Range Referer TE Trailer Transfer-Encoding Upgrade user-agent Via Warning
""".split()  # noqa: SIM905 - a list of 40 lines says no more


def own_headers(asked: Any, url: str) -> dict[str, str]:
    """Return what EventBridge sends by itself with a body."""
    return {
        "host": url.removeprefix("http://"),
        "user-agent": "Amazon/EventBridge/ApiDestinations",
        "range": "bytes=0-1048575",
        "accept-encoding": "gzip,deflate",
        "connection": "close",
        "content-length": str(len(asked.body)),
    }


def test_a_request_has_the_headers_of_eventbridge_and_no_other(api: Any, invoke: Callable[..., None]) -> None:
    invoke("BASIC", BASIC)

    (asked,) = api.asked
    assert asked.headers == {
        **own_headers(asked, api.url),
        "accept": "*/*",
        "content-type": "application/json; charset=utf-8",
        "authorization": "Basic " + b64encode(b"ann:secret").decode(),
    }


@pytest.mark.parametrize("whose", ["connection", "target"])
def test_reserved_headers_are_kept_out_and_the_others_are_sent_as_given(
    api: Any, invoke: Callable[..., None], whose: str
) -> None:
    headers = {
        **dict.fromkeys(RESERVED, "1"),
        "X-Mark": " m  n",
        "content-TYPE": "text/x",
        "Accept": "text/y",
    }
    if whose == "connection":
        listed = [{"Key": name, "Value": value} for name, value in headers.items()]
        invoke("BASIC", BASIC, http={"HeaderParameters": listed}, InputPath="$.detail")
    else:
        invoke("BASIC", BASIC, HttpParameters={"HeaderParameters": headers}, InputPath="$.detail")

    (asked,) = api.asked
    assert asked.body == '{"n":1}'
    assert asked.headers == {
        **own_headers(asked, api.url),
        "accept": "text/y",
        "content-type": "text/x",
        "x-mark": "m  n",
        "authorization": "Basic " + b64encode(b"ann:secret").decode(),
    }


def test_the_connections_authorization_is_sent_and_not_the_one_that_a_target_adds(
    api: Any, invoke: Callable[..., None]
) -> None:
    invoke("BASIC", BASIC, HttpParameters={"HeaderParameters": {"authorization": "mine"}})

    assert api.asked[0].headers["authorization"] == "Basic " + b64encode(b"ann:secret").decode()


def test_an_api_key_does_not_reach_a_reserved_header(api: Any, invoke: Callable[..., None]) -> None:
    invoke("API_KEY", {"ApiKeyAuthParameters": {"ApiKeyName": "content-length", "ApiKeyValue": "3"}})

    assert json.loads(api.asked[0].body)["detail"] == {"n": 1}


def test_reserved_headers_are_kept_out_of_the_request_for_a_token(
    api: Any, invoke: Callable[..., None]
) -> None:
    parameters = oauth(api)
    parameters["OAuthParameters"] |= {
        "HttpMethod": "post",
        "OAuthHttpParameters": {
            "HeaderParameters": [{"Key": name, "Value": "1"} for name in (*RESERVED, "X-Mark")]
        },
    }
    invoke("OAUTH_CLIENT_CREDENTIALS", parameters)

    (asked,) = api.tokens_asked
    assert (asked.method, asked.body) == (
        "POST",
        "grant_type=client_credentials&client_id=me&client_secret=shh",
    )
    assert asked.headers == {
        **own_headers(asked, api.url),
        "accept": "*/*",
        "content-type": "application/x-www-form-urlencoded",
        "x-mark": "1",
    }


def test_the_query_of_the_endpoint_is_sent_as_it_was_written(api: Any, invoke: Callable[..., None]) -> None:
    invoke(
        "BASIC",
        BASIC,
        path="/orders?a=1&a=2&b=%7E",
        HttpParameters={"QueryStringParameters": {"b": "x y", "c": "3"}},
    )

    assert api.asked[0].path == "/orders?a=1&a=2&b=x+y&c=3"


def test_numbers_in_the_body_stay_as_they_were_written(api: Any, invoke: Callable[..., None]) -> None:
    invoke(
        "BASIC",
        BASIC,
        http={"BodyParameters": [{"Key": "extra", "Value": "ü"}]},
        Input='{"price": 1.50, "total": 12345678901234567890}',
    )

    assert api.asked[0].body == '{"price":1.50,"total":12345678901234567890,"extra":"ü"}'


def test_a_body_that_is_no_json_object_has_no_place_for_parameters(
    api: Any, invoke: Callable[..., None]
) -> None:
    invoke(
        "BASIC",
        BASIC,
        http={"BodyParameters": [{"Key": "extra", "Value": "1"}]},
        InputTransformer={"InputTemplate": '"plain"\n"text"'},
    )

    assert api.asked[0].body == '"plain"\n"text"'


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
