"""Platform applications, endpoints of devices, and publishing to them over the wire."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine

Refusal = Callable[..., tuple[str, str, int]]

CREDENTIALS = {"PlatformPrincipal": "client", "PlatformCredential": "secret"}


@pytest.fixture
def app_arn(sns_client: Any) -> str:
    arn: str = sns_client.create_platform_application(
        Name="shop", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    return arn


@pytest.fixture
def device_arn(sns_client: Any, app_arn: str) -> str:
    arn: str = sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token="t1")["EndpointArn"]
    return arn


@pytest.fixture
def pushes(sns_engine: Engine) -> Callable[[str], list[Captured]]:
    return lambda arn: [push for push in sns_engine.outbox if push.target == arn]


def application_attributes(sns_client: Any, arn: str) -> dict[str, str]:
    answer = sns_client.get_platform_application_attributes(PlatformApplicationArn=arn)
    attributes: dict[str, str] = answer["Attributes"]
    return attributes


def device_attributes(sns_client: Any, arn: str) -> dict[str, str]:
    attributes: dict[str, str] = sns_client.get_endpoint_attributes(EndpointArn=arn)["Attributes"]
    return attributes


# Applications


def test_an_application_is_named_by_platform_and_name(app_arn: str, account: Any) -> None:
    assert app_arn == f"arn:aws:sns:us-east-1:{account.id}:app/GCM/shop"


def test_credentials_are_never_shown(sns_client: Any, app_arn: str) -> None:
    assert application_attributes(sns_client, app_arn) == {"Enabled": "true", "AuthenticationMethod": "key"}


@pytest.mark.parametrize(
    ("platform", "attributes", "method"),
    [
        ("APNS", CREDENTIALS, "certificate"),
        ("APNS_SANDBOX", {**CREDENTIALS, "ApplePlatformTeamID": "A1B2C3D4E5"}, "token"),
        ("GCM", {"PlatformCredential": '{"type": "service_account"}'}, "token"),
        ("ADM", CREDENTIALS, None),
    ],
)
def test_the_authentication_method_follows_from_the_credentials(
    sns_client: Any, platform: str, attributes: dict[str, str], method: str | None
) -> None:
    arn = sns_client.create_platform_application(Name="a", Platform=platform, Attributes=attributes)[
        "PlatformApplicationArn"
    ]

    assert application_attributes(sns_client, arn).get("AuthenticationMethod") == method


def test_the_attributes_of_an_apple_application(sns_client: Any) -> None:
    apple = {"ApplePlatformTeamID": "A1B2C3D4E5", "ApplePlatformBundleID": "com.example.shop"}
    arn = sns_client.create_platform_application(
        Name="a", Platform="APNS", Attributes={**CREDENTIALS, **apple}
    )["PlatformApplicationArn"]

    assert application_attributes(sns_client, arn) == {
        "Enabled": "true",
        "AuthenticationMethod": "token",
        **apple,
    }


def test_creating_an_application_again_gives_the_same(sns_client: Any, app_arn: str) -> None:
    again = sns_client.create_platform_application(
        Name="shop", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )

    assert again["PlatformApplicationArn"] == app_arn


@pytest.mark.usefixtures("app_arn")
def test_creating_an_application_again_with_other_attributes_is_refused(
    sns_client: Any, refusal: Refusal
) -> None:
    assert refusal(
        sns_client.create_platform_application,
        Name="shop",
        Platform="GCM",
        Attributes={"PlatformCredential": "other"},
    ) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Platform application already exists with different attributes",
        400,
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "cannot be empty"),
        ("x" * 257, "must be at most 256 characters long"),
        ("@name", "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"),
    ],
)
def test_a_name_outside_the_rules_is_refused(
    sns_client: Any, refusal: Refusal, name: str, reason: str
) -> None:
    assert refusal(
        sns_client.create_platform_application, Name=name, Platform="ADM", Attributes=CREDENTIALS
    ) == ("InvalidParameter", f"Invalid parameter: {name} Reason: {reason}", 400)


def test_an_unknown_platform_is_refused(sns_client: Any, refusal: Refusal) -> None:
    assert refusal(
        sns_client.create_platform_application, Name="a", Platform="AAA", Attributes=CREDENTIALS
    ) == ("InvalidParameter", "Invalid parameter: Platform Reason: AAA is not supported", 400)


@pytest.mark.parametrize(
    ("platform", "attributes", "reason"),
    [
        (
            "ADM",
            {"PlatformPrincipal": "client"},
            "PlatformPrincipal attribute provided without PlatformCredential",
        ),
        (
            "ADM",
            {"PlatformCredential": "secret"},
            "PlatformCredential attribute provided without PlatformPrincipal",
        ),
        (
            "ADM",
            {"Enabled": "true"},
            "PlatformPrincipal and PlatformCredential attributes not provided",
        ),
        ("GCM", {"Enabled": "true"}, "PlatformCredential attribute not provided"),
        ("ADM", {**CREDENTIALS, "Colour": "red"}, "Invalid attribute name: Colour"),
        (
            "ADM",
            {**CREDENTIALS, "EventEndpointCreated": "topic"},
            "Invalid value for attribute: EventEndpointCreated: must be an ARN",
        ),
    ],
)
def test_attributes_that_do_not_fit_are_refused(
    sns_client: Any, refusal: Refusal, platform: str, attributes: dict[str, str], reason: str
) -> None:
    assert refusal(
        sns_client.create_platform_application, Name="a", Platform=platform, Attributes=attributes
    ) == ("InvalidParameter", f"Invalid parameter: Attributes Reason: {reason}", 400)


@pytest.mark.parametrize("operation", ["create_platform_application", "set_platform_application_attributes"])
def test_an_application_without_attributes_is_refused(
    sns_client: Any, refusal: Refusal, operation: str
) -> None:
    params = {
        "create_platform_application": {"Name": "a", "Platform": "ADM"},
        "set_platform_application_attributes": {
            "PlatformApplicationArn": "arn:aws:sns:us-east-1:000000000000:app/ADM/a"
        },
    }

    assert refusal(getattr(sns_client, operation), **params[operation], Attributes={}) == (
        "ValidationError",
        (
            "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: "
            "Member must not be null"
        ),
        400,
    )


def test_attributes_of_an_application_are_set_and_taken_away(sns_client: Any, app_arn: str) -> None:
    for rate in ("10", ""):
        sns_client.set_platform_application_attributes(
            PlatformApplicationArn=app_arn, Attributes={"SuccessFeedbackSampleRate": rate}
        )
        attributes = application_attributes(sns_client, app_arn)
        assert attributes.get("SuccessFeedbackSampleRate", "") == rate


def test_applications_come_in_pages_of_100(sns_client: Any) -> None:
    arns = [
        sns_client.create_platform_application(
            Name=f"app{index:03}", Platform="GCM", Attributes={"PlatformCredential": "key"}
        )["PlatformApplicationArn"]
        for index in range(101)
    ]

    first = sns_client.list_platform_applications()
    second = sns_client.list_platform_applications(NextToken=first["NextToken"])

    listed = [one["PlatformApplicationArn"] for one in first["PlatformApplications"]]
    assert listed == arns[:100]
    assert second["PlatformApplications"] == [
        {
            "PlatformApplicationArn": arns[100],
            "Attributes": {"Enabled": "true", "AuthenticationMethod": "key"},
        }
    ]


def test_a_deleted_application_is_gone_with_its_endpoints(
    sns_client: Any, app_arn: str, device_arn: str, refusal: Refusal
) -> None:
    sns_client.delete_platform_application(PlatformApplicationArn=app_arn)
    sns_client.delete_platform_application(PlatformApplicationArn=app_arn)

    assert refusal(sns_client.list_endpoints_by_platform_application, PlatformApplicationArn=app_arn) == (
        "NotFound",
        "PlatformApplication does not exist",
        404,
    )
    assert refusal(sns_client.get_endpoint_attributes, EndpointArn=device_arn) == (
        "NotFound",
        "Endpoint does not exist",
        404,
    )


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_platform_application_attributes", {}),
        ("set_platform_application_attributes", {"Attributes": CREDENTIALS}),
        ("delete_platform_application", {}),
        ("create_platform_endpoint", {"Token": "t"}),
        ("list_endpoints_by_platform_application", {}),
    ],
)
def test_what_is_no_arn_of_an_application_is_refused(
    sns_client: Any, refusal: Refusal, operation: str, more: dict[str, Any]
) -> None:
    call = getattr(sns_client, operation)

    assert refusal(call, PlatformApplicationArn="shop", **more) == (
        "InvalidParameter",
        "Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1",
        400,
    )
    assert refusal(call, PlatformApplicationArn="arn:aws:sns:us-east-1:000000000000:shop", **more) == (
        "InvalidParameter",
        (
            "Invalid parameter: PlatformApplicationArn Reason: "
            "Wrong number of slashes in relative portion of the ARN."
        ),
        400,
    )
    assert refusal(
        call, PlatformApplicationArn="arn:aws:sns:eu-west-1:000000000000:app/GCM/shop", **more
    ) == ("InvalidParameter", "Invalid parameter: PlatformApplicationArn", 400)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_platform_application_attributes", {}),
        ("set_platform_application_attributes", {"Attributes": CREDENTIALS}),
        ("create_platform_endpoint", {"Token": "t"}),
    ],
)
def test_an_application_that_does_not_exist_is_not_found(
    sns_client: Any, app_arn: str, refusal: Refusal, operation: str, more: dict[str, Any]
) -> None:
    assert refusal(getattr(sns_client, operation), PlatformApplicationArn=f"{app_arn}2", **more) == (
        "NotFound",
        "PlatformApplication does not exist",
        404,
    )


# Endpoints


def test_an_endpoint_is_named_under_its_application(app_arn: str, device_arn: str) -> None:
    start, _, unique = device_arn.rpartition("/")

    assert start == app_arn.replace(":app/", ":endpoint/")
    assert len(unique) == 36


def test_the_attributes_of_an_endpoint(sns_client: Any, app_arn: str) -> None:
    arn = sns_client.create_platform_endpoint(
        PlatformApplicationArn=app_arn, Token="t", CustomUserData="Ann", Attributes={"Enabled": "false"}
    )["EndpointArn"]

    assert device_attributes(sns_client, arn) == {"Enabled": "false", "Token": "t", "CustomUserData": "Ann"}


def test_attributes_of_an_endpoint_are_set(sns_client: Any, device_arn: str) -> None:
    sns_client.set_endpoint_attributes(
        EndpointArn=device_arn, Attributes={"Token": "t2", "CustomUserData": "Bob"}
    )

    assert device_attributes(sns_client, device_arn) == {
        "Enabled": "true",
        "Token": "t2",
        "CustomUserData": "Bob",
    }


def test_creating_an_endpoint_again_gives_the_same(sns_client: Any, app_arn: str, device_arn: str) -> None:
    again = sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token="t1")

    assert again["EndpointArn"] == device_arn


def test_a_token_has_one_endpoint(sns_client: Any, app_arn: str, device_arn: str, refusal: Refusal) -> None:
    other = sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token="t2")["EndpointArn"]
    refused = (
        "InvalidParameter",
        (
            f"Invalid parameter: Token Reason: Endpoint {device_arn} already exists with the same Token, "
            "but different attributes."
        ),
        400,
    )

    assert (
        refusal(
            sns_client.create_platform_endpoint,
            PlatformApplicationArn=app_arn,
            Token="t1",
            CustomUserData="x",
        )
        == refused
    )
    assert (
        refusal(sns_client.set_endpoint_attributes, EndpointArn=other, Attributes={"Token": "t1"}) == refused
    )


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"InvalidKey": "x"}, "Invalid attribute name: InvalidKey"),
        ({"PlatformCredential": "x"}, "Invalid attribute name: PlatformCredential"),
        ({"PlatformPrincipal": "x"}, "Invalid attribute name: PlatformPrincipal"),
        (
            {"CustomUserData": "é" * 1025},
            "Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding",
        ),
        (
            {"Enabled": "maybe"},
            "Invalid value for attribute: Enabled: Invalid value [maybe]. Must be true or false.",
        ),
    ],
)
def test_attributes_that_no_endpoint_has_are_refused(
    sns_client: Any,
    app_arn: str,
    device_arn: str,
    refusal: Refusal,
    attributes: dict[str, str],
    reason: str,
) -> None:
    refused = ("InvalidParameter", f"Invalid parameter: Attributes Reason: {reason}", 400)

    assert (
        refusal(
            sns_client.create_platform_endpoint,
            PlatformApplicationArn=app_arn,
            Token="t9",
            Attributes=attributes,
        )
        == refused
    )
    assert (
        refusal(sns_client.set_endpoint_attributes, EndpointArn=device_arn, Attributes=attributes) == refused
    )


def test_an_empty_token_is_refused(sns_client: Any, app_arn: str, refusal: Refusal) -> None:
    assert refusal(sns_client.create_platform_endpoint, PlatformApplicationArn=app_arn, Token="") == (
        "InvalidParameter",
        "Invalid parameter: Token",
        400,
    )


def test_endpoints_come_in_pages_of_100(sns_client: Any, app_arn: str) -> None:
    for index in range(101):
        sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token=f"t{index}")

    first = sns_client.list_endpoints_by_platform_application(PlatformApplicationArn=app_arn)
    second = sns_client.list_endpoints_by_platform_application(
        PlatformApplicationArn=app_arn, NextToken=first["NextToken"]
    )

    tokens = {one["Attributes"]["Token"] for one in first["Endpoints"] + second["Endpoints"]}
    assert (len(first["Endpoints"]), len(second["Endpoints"])) == (100, 1)
    assert tokens == {f"t{index}" for index in range(101)}


def test_a_deleted_endpoint_is_gone_and_its_token_is_free(
    sns_client: Any, app_arn: str, device_arn: str, refusal: Refusal
) -> None:
    sns_client.delete_endpoint(EndpointArn=device_arn)
    sns_client.delete_endpoint(EndpointArn=device_arn)
    again = sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token="t1")

    assert again["EndpointArn"] != device_arn
    assert refusal(
        sns_client.set_endpoint_attributes, EndpointArn=device_arn, Attributes={"Enabled": "true"}
    ) == ("NotFound", "Endpoint does not exist", 404)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_endpoint_attributes", {}),
        ("set_endpoint_attributes", {"Attributes": {"Enabled": "true"}}),
        ("delete_endpoint", {}),
    ],
)
def test_what_is_no_arn_of_an_endpoint_is_refused(
    sns_client: Any, refusal: Refusal, operation: str, more: dict[str, Any]
) -> None:
    arn = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop"

    assert refusal(getattr(sns_client, operation), EndpointArn=arn, **more) == (
        "InvalidParameter",
        "Invalid parameter: EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.",
        400,
    )


@pytest.mark.parametrize(
    ("attribute", "event"),
    [
        ("EventEndpointCreated", "EndpointCreated"),
        ("EventEndpointUpdated", "EndpointUpdated"),
        ("EventEndpointDeleted", "EndpointDeleted"),
    ],
)
def test_a_change_of_an_endpoint_is_told_to_the_topic_named_for_it(
    sns_client: Any,
    app_arn: str,
    topic_arn: str,
    make_endpoint: Callable[..., Any],
    attribute: str,
    event: str,
) -> None:
    queue = make_endpoint()
    sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue.arn)
    sns_client.set_platform_application_attributes(
        PlatformApplicationArn=app_arn, Attributes={attribute: topic_arn}
    )

    device = sns_client.create_platform_endpoint(PlatformApplicationArn=app_arn, Token="t")["EndpointArn"]
    sns_client.set_endpoint_attributes(EndpointArn=device, Attributes={"CustomUserData": "x"})
    sns_client.delete_endpoint(EndpointArn=device)

    (message,) = queue.messages()
    notice = json.loads(message)
    assert (notice["EventType"], notice["EndpointArn"], notice["Resource"]) == (event, device, app_arn)


# Publishing


def test_a_message_to_a_device_is_captured(
    sns_client: Any, device_arn: str, pushes: Callable[[str], list[Captured]]
) -> None:
    ttl = {"AWS.SNS.MOBILE.GCM.TTL": {"DataType": "Binary", "BinaryValue": b"\x01"}}
    sent = sns_client.publish(TargetArn=device_arn, Message="Hello", MessageAttributes=ttl)

    (push,) = pushes(device_arn)
    assert push.details["attributes"] == {"AWS.SNS.MOBILE.GCM.TTL": {"data_type": "Binary", "value": "AQ=="}}
    assert (push.service, push.payload) == ("push", "Hello")
    assert (push.details["message_id"], push.details["platform"], push.details["token"]) == (
        sent["MessageId"],
        "GCM",
        "t1",
    )


def test_a_structured_message_has_a_payload_for_the_platform(
    sns_client: Any, device_arn: str, pushes: Callable[[str], list[Captured]]
) -> None:
    payload = json.dumps({"notification": {"title": "Hello"}})
    message = json.dumps({"default": "x", "APNS": "{}", "GCM": payload})

    sns_client.publish(TargetArn=device_arn, Message=message, MessageStructure="json")

    assert [push.payload for push in pushes(device_arn)] == [payload]


def test_a_disabled_endpoint_takes_nothing(sns_client: Any, device_arn: str, refusal: Refusal) -> None:
    sns_client.set_endpoint_attributes(EndpointArn=device_arn, Attributes={"Enabled": "false"})

    assert refusal(sns_client.publish, TargetArn=device_arn, Message="Hello") == (
        "EndpointDisabled",
        "Endpoint is disabled",
        400,
    )


def test_a_disabled_application_takes_nothing(
    sns_client: Any, app_arn: str, device_arn: str, refusal: Refusal
) -> None:
    sns_client.set_platform_application_attributes(
        PlatformApplicationArn=app_arn, Attributes={"Enabled": "false"}
    )

    assert refusal(sns_client.publish, TargetArn=device_arn, Message="Hello") == (
        "PlatformApplicationDisabled",
        "Platform application is disabled",
        400,
    )


def test_a_message_to_a_device_has_at_most_256_kib(
    sns_client: Any, device_arn: str, refusal: Refusal
) -> None:
    assert refusal(sns_client.publish, TargetArn=device_arn, Message="x" * 262_145) == (
        "InvalidParameter",
        "Invalid parameter: Message too long",
        400,
    )
