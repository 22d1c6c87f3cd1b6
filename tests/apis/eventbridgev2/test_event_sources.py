"""Event sources: managed rules for AWS services and partners, webhooks with their credentials."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.apis.eventbridgev2.conftest import ARN, ROLE, World, refusal

KEY = "a secret of enough bytes"
STATIC = {"StaticTokenAuthConfiguration": {"TokenHttpHeader": "X-Token", "SecretValue": KEY}}
BASIC = {"BasicHttpAuthConfiguration": {"Username": "ada", "Password": KEY}}
BODY = b'{"order": 7}'
GITHUB = {
    "Algorithm": "SHA256",
    "Encoding": "HEX",
    "SignatureHttpHeader": "X-Hub-Signature-256",
    "SignaturePrefix": "sha256=",
    "SignedMessageComposition": "BODY",
    "SecretValue": KEY,
}
STRIPE = {
    "Algorithm": "SHA256",
    "Encoding": "HEX",
    "SignatureHttpHeader": "Stripe-Signature",
    "SignaturePrefix": "v1=",
    "Delimiter": ",",
    "TimestampHttpHeader": "Stripe-Signature",
    "TimestampPrefix": "t=",
    "SignedMessageComposition": "TIMESTAMP_DOT_BODY",
    "SecretValue": KEY,
}
STANDARD = {
    "Algorithm": "SHA256",
    "Encoding": "BASE64",
    "SignatureHttpHeader": "webhook-signature",
    "SignaturePrefix": "v1,",
    "Delimiter": " ",
    "TimestampHttpHeader": "webhook-timestamp",
    "MessageIdHttpHeader": "webhook-id",
    "SignedMessageComposition": "MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY",
    "SecretEncoding": "BASE64",
    "SecretValue": "whsec_" + b64encode(KEY.encode()).decode(),
}


def create(world: World, bus: str, configuration: Any, name: str = "source", **more: Any) -> Any:
    made = world.buses.create_event_source(Name=name, EventBusArn=bus, Configuration=configuration, **more)
    made.pop("ResponseMetadata")
    return made


def service(pattern: str | None = None, **more: Any) -> Any:
    given = {"AwsService": "aws.s3"} | ({"Pattern": pattern} if pattern else {}) | more
    return {"AwsServiceEventsConfiguration": given}


def webhook(auth: Any, **more: Any) -> Any:
    return {"WebhookEventsConfiguration": {"AuthConfiguration": auth, "RoleArn": ROLE, **more}}


def signed_by(auth: Any) -> Any:
    return webhook({"HmacAuthConfiguration": auth})


def test_a_source_of_a_service_is_a_managed_rule_on_the_default_bus(world: World) -> None:
    bus = world.bus()

    made = create(world, bus, service('{"detail": {"bucket": ["b"]}}'), Description="objects")

    arn = made["EventSourceArn"]
    assert arn.startswith(ARN("events", "event-sourcev2/aws.service/source/"))
    (rule,) = world.client("events").list_rules()["Rules"]
    assert (rule["ManagedBy"], json.loads(rule["EventPattern"])) == (
        "events.amazonaws.com",
        {"source": ["aws.s3"], "detail": {"bucket": ["b"]}},
    )
    found = world.buses.describe_event_source(EventSourceArn=arn)
    found.pop("ResponseMetadata")
    at = datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)
    assert found == made | {
        "Configuration": service('{"detail": {"bucket": ["b"]}}'),
        "Description": "objects",
        "CreationTime": at,
        "LastModifiedTime": at,
    }
    world.buses.update_event_source(EventSourceArn=arn, Configuration=service())
    (rule,) = world.client("events").list_rules()["Rules"]
    assert json.loads(rule["EventPattern"]) == {"source": ["aws.s3"]}
    world.buses.delete_event_source(EventSourceArn=arn)
    assert world.client("events").list_rules()["Rules"] == []


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        (service('{"source": ["aws.s3"]}'), "Pattern must not have the top-level field source"),
        (service('{"account": ["1"]}'), "Pattern must not have the top-level field account"),
        (service("{"), "Pattern is not valid. Reason: "),
        (
            service(OnFailureConfiguration={"Arn": ARN("sqs", "dead.fifo")}),
            "OnFailureConfiguration.Arn must name a standard SQS queue: FIFO queues are not supported as",
        ),
        (
            webhook(STATIC, MetadataHttpHeaders=["Authorization"]),
            "MetadataHttpHeaders must not hold authorization",
        ),
        (webhook(STATIC, MetadataHttpHeaders=["x-token"]), "MetadataHttpHeaders must not hold x-token"),
        (webhook(STATIC, MetadataHttpHeaders=["A", "a"]), "MetadataHttpHeaders must be unique"),
        (
            webhook({"StaticTokenAuthConfiguration": {"TokenHttpHeader": "Host"}}),
            "TokenHttpHeader must not be Host",
        ),
        (
            webhook({"BasicHttpAuthConfiguration": {"Username": "ada"}}),
            "Username and Password must be given together",
        ),
        (signed_by(GITHUB | {"SecretValue": "short one"}), "SecretValue must be a key of 16 to 512 bytes"),
        (signed_by(GITHUB | {"TimestampHttpHeader": "x"}), "TimestampHttpHeader is not supported for BODY"),
        (
            signed_by(GITHUB | {"SignedMessageComposition": "TIMESTAMP_DOT_BODY"}),
            "TimestampHttpHeader is required for TIMESTAMP_DOT_BODY",
        ),
        (
            signed_by({name: STRIPE[name] for name in STRIPE if name != "Delimiter"}),
            "Delimiter is required where one header has timestamp and signature",
        ),
        (
            signed_by({name: STANDARD[name] for name in STANDARD if name != "MessageIdHttpHeader"}),
            "MessageIdHttpHeader is required for MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY",
        ),
    ],
)
def test_a_source_that_could_not_work_is_refused(world: World, configuration: Any, message: str) -> None:
    code, _, text = refusal(create, world=world, bus=world.bus(), configuration=configuration)

    assert code == "InvalidInputException"
    assert text.startswith(message)


def test_a_partners_source_is_taken_up_and_waits_again_when_it_is_deleted(world: World) -> None:
    events = world.client("events")
    name = "aws.partner/example.com/shop"
    events.create_partner_event_source(Name=name, Account="000000000000")
    bus = world.bus()
    world.queue()
    world.subscribe(bus)
    configuration = {
        "PartnerEventsConfiguration": {
            "PartnerEventSourceArn": f"arn:aws:events:us-east-1::event-source/{name}"
        }
    }

    arn = create(world, bus, configuration)["EventSourceArn"]
    events.put_partner_events(Entries=[{"Source": name, "DetailType": "placed", "Detail": '{"order": 7}'}])

    assert world.details() == [{"order": 7}]
    assert refusal(create, world=world, bus=bus, configuration=configuration, name="two")[0] == (
        "InvalidStateException"
    )
    (row,) = world.buses.list_event_sources(EventBusArn=bus)["EventSources"]
    assert (row["Type"], row["State"], row["EventSourceAccountId"]) == (
        "PARTNER_EVENTS",
        "ACTIVE",
        "000000000000",
    )
    world.buses.delete_event_source(EventSourceArn=arn)
    assert events.describe_event_source(Name=name)["State"] == "PENDING"


class Provider:
    """Sends what a webhook's provider sends."""

    def __init__(self, world: World, configuration: Any) -> None:
        self.world = world
        self.bus = world.bus()
        world.queue()
        world.subscribe(self.bus, Transformer={"Type": "WITH_METADATA"})
        made = create(world, self.bus, configuration)
        self.arn = made["EventSourceArn"]
        self.url = made["EventSourceDetails"]["WebhookDetails"]["WebhookUrl"]

    def post(self, headers: dict[str, str], body: bytes = BODY) -> httpx.Response:
        """Send a request over a socket, as those do who know no AWS."""
        url = self.url.replace("http://localhost:4566", self.world.emulator.url)
        return httpx.post(url, headers={"content-type": "application/json", **headers}, content=body)

    @property
    def now(self) -> int:
        return int(self.world.emulator.now())


def test_the_body_of_a_request_becomes_a_raw_event_with_the_headers_that_were_asked_for(
    world: World,
) -> None:
    provider = Provider(world, webhook(STATIC, MetadataHttpHeaders=["X-Topic", "X-None"]))

    answer = provider.post({"X-Token": KEY, "X-Topic": "orders"})

    assert answer.status_code == 200
    (event,) = map(json.loads, world.bodies())
    assert (event["Data"], event["Metadata"]) == ({"order": 7}, {"x-topic": "orders"})
    assert event["SystemMetadata"]["ContentType"] == "application/json"
    assert event["SystemMetadata"]["aws:EventId"] == answer.json()["eventId"]


def test_a_body_that_is_no_json_is_bytes(world: World) -> None:
    provider = Provider(world, webhook(STATIC))

    provider.post({"X-Token": KEY}, b"{")
    provider.post({"X-Token": KEY, "content-type": "text/plain"}, b"hi")

    events = [json.loads(body) for body in world.bodies()]
    assert [event["Data"] for event in events] == ["ew==", "aGk="]
    assert {event["SystemMetadata"]["ContentType"] for event in events} == {"application/octet-stream"}


def test_a_password_is_asked_for_as_browsers_send_it(world: World) -> None:
    provider = Provider(world, webhook(BASIC))

    def post(credentials: str) -> int:
        encoded = b64encode(credentials.encode()).decode()
        return provider.post({"Authorization": f"Basic {encoded}"}).status_code

    assert (post(f"ada:{KEY}"), post(f"bob:{KEY}"), post("ada:")) == (200, 401, 401)


def test_githubs_signatures_are_understood(world: World) -> None:
    provider = Provider(world, signed_by(GITHUB))
    signature = hmac.new(KEY.encode(), BODY, hashlib.sha256).hexdigest()

    assert provider.post({"X-Hub-Signature-256": f"sha256={signature}"}).status_code == 200
    assert provider.post({"X-Hub-Signature-256": signature}).status_code == 401
    assert provider.post({"X-Hub-Signature-256": f"sha256={signature}"}, b"{}").status_code == 401
    assert provider.post({}).status_code == 401


def test_stripes_signatures_are_understood_within_their_time(world: World) -> None:
    provider = Provider(world, signed_by(STRIPE))

    def post(at: int) -> int:
        message = f"{at}.".encode() + BODY
        signature = hmac.new(KEY.encode(), message, hashlib.sha256).hexdigest()
        return provider.post({"Stripe-Signature": f"t={at},v1=00,v1={signature}"}).status_code

    now = provider.now
    assert (post(now), post(now - 300), post(now - 301), post(now + 301)) == (200, 200, 401, 401)


def test_standard_webhooks_are_understood(world: World) -> None:
    provider = Provider(world, signed_by(STANDARD))

    def post(message_id: str) -> int:
        message = f"{message_id}.{provider.now}.".encode() + BODY
        signature = b64encode(hmac.digest(KEY.encode(), message, "sha256")).decode()
        headers = {"webhook-id": message_id, "webhook-timestamp": str(provider.now)}
        return provider.post(headers | {"webhook-signature": f"v1,xx v1,{signature}"}).status_code

    assert (post("msg_1"), post("msg.1")) == (200, 401)


def test_a_rotated_credential_counts_for_another_fifteen_minutes(world: World) -> None:
    provider = Provider(world, webhook(STATIC))

    def rotate(secret: str) -> None:
        world.buses.rotate_webhook_credentials(
            EventSourceArn=provider.arn, Credential={"StaticTokenSecretValue": secret}
        )

    def post(*secrets: str) -> list[int]:
        return [provider.post({"X-Token": secret}).status_code for secret in secrets]

    rotate("second one")
    assert post(KEY, "second one") == [200, 200]
    rotate("third one")
    assert post(KEY, "second one", "third one") == [401, 200, 200]
    world.advance(15 * 60)
    assert post("second one", "third one") == [401, 200]


def test_a_rotation_is_done_once_for_a_token_and_fits_the_kind_of_its_source(world: World) -> None:
    provider = Provider(world, webhook(STATIC))
    rotate = world.buses.rotate_webhook_credentials

    first = rotate(EventSourceArn=provider.arn, ClientToken="t")["SecretArn"]
    secret = world.emulator.webhook_secret(provider.arn)
    assert rotate(EventSourceArn=provider.arn, ClientToken="t")["SecretArn"] == first
    assert world.emulator.webhook_secret(provider.arn) == secret
    assert provider.post({"X-Token": secret}).status_code == 200
    assert (
        refusal(rotate, EventSourceArn=provider.arn, Credential={"HmacSecretValue": "x" * 16})[0]
        == "InvalidInputException"
    )


def test_secrets_are_never_told_and_how_to_prove_oneself_cannot_change(world: World) -> None:
    provider = Provider(world, webhook(BASIC))

    found = world.buses.describe_event_source(EventSourceArn=provider.arn)
    assert KEY not in str(found)
    assert found["Configuration"]["WebhookEventsConfiguration"]["AuthConfiguration"] == {
        "BasicHttpAuthConfiguration": {"Username": "ada"}
    }
    assert (
        refusal(world.buses.update_event_source, EventSourceArn=provider.arn, Configuration=webhook(STATIC))[
            2
        ]
        == "AuthConfiguration cannot change"
    )
    assert (
        refusal(world.buses.update_event_source, EventSourceArn=provider.arn, Configuration=service())[2]
        == "The type of an event source cannot change"
    )


def test_a_webhook_may_take_the_same_content_once_only(world: World) -> None:
    once = {"DeduplicationConfiguration": {"DeduplicationType": "CONTENT_BASED"}}
    provider = Provider(world, webhook(STATIC, **once))

    for _ in range(2):
        provider.post({"X-Token": KEY})

    assert len(world.bodies()) == 1


def test_a_revoked_source_brings_nothing_and_cannot_be_changed(world: World) -> None:
    provider = Provider(world, webhook(STATIC))
    world.buses.revoke_resource(Arn=provider.arn)

    assert provider.post({"X-Token": KEY}).status_code == 404
    assert world.buses.describe_event_source(EventSourceArn=provider.arn)["Revoked"] is True
    assert refusal(world.buses.update_event_source, EventSourceArn=provider.arn, Description="d")[0] == (
        "InvalidStateException"
    )
    assert refusal(world.buses.rotate_webhook_credentials, EventSourceArn=provider.arn)[0] == (
        "InvalidStateException"
    )


def test_too_long_a_body_is_refused(world: World) -> None:
    provider = Provider(world, webhook(STATIC))

    assert provider.post({"X-Token": KEY}, b" " * 1_048_577).status_code == 413
