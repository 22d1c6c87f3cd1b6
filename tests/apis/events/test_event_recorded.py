"""What EventBridge itself was recorded to do: the lines of docs/BEHAVIOUR-SNS-EVENTS.md, each with its siblings."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.apis.events.refusals import refused

ACCOUNT = "000000000000"
OTHER = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
ORDERS = '{"source": ["shop"]}'
EVENT = {"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}'}
BASIC = {"BasicAuthParameters": {"Username": "ann", "Password": "secret"}}
CHECK = "arn:aws:route53:::healthcheck/11111111-2222-3333-4444-555555555555"
RESOURCE = "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0123456789abcdefg"


def bus_arn(region: str = "us-east-1", account: str = ACCOUNT, name: str = "default") -> str:
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


def oauth(**members: Any) -> dict[str, Any]:
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "ann", "ClientSecret": "secret"},
            "AuthorizationEndpoint": "https://login.example.com/token",
            "HttpMethod": "POST",
            **members,
        }
    }


def create_oauth(world: Any, **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.events.create_connection(
        Name="c", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters=oauth(**members)
    )
    return answer


def create_basic(world: Any, parameters: Any = None, **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.events.create_connection(
        Name="c", AuthorizationType="BASIC", AuthParameters={**BASIC, **(parameters or {})}, **members
    )
    return answer


def state_of(world: Any) -> str:
    return str(world.events.describe_connection(Name="c")["ConnectionState"])


# Ids of events that go on to another bus


@pytest.fixture
def forwarded(world: Any) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Put an event that goes on to a bus; return its first id, and the event as it arrived in a queue there."""

    def forward(region: str, account: str, name: str, **target: Any) -> tuple[str, dict[str, Any]]:
        events, sqs = world.client("events", region, account), world.client("sqs", region, account)
        if name != "default":
            events.create_event_bus(Name=name)
        events.put_permission(EventBusName=name, Action="events:PutEvents", Principal="*", StatementId="all")
        url = sqs.create_queue(QueueName="there")["QueueUrl"]
        queue = f"arn:aws:sqs:{region}:{account}:there"
        events.put_rule(Name="there", EventBusName=name, EventPattern=ORDERS)
        events.put_targets(Rule="there", EventBusName=name, Targets=[{"Id": "q", "Arn": queue}])
        world.events.put_rule(Name="on", EventPattern=ORDERS)
        there = {"Id": "b", "Arn": bus_arn(region, account, name), "RoleArn": ROLE, **target}
        world.events.put_targets(Rule="on", Targets=[there])
        (entry,) = world.events.put_events(Entries=[EVENT])["Entries"]
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        return entry["EventId"], json.loads(message["Body"])

    return forward


@pytest.mark.parametrize(
    ("region", "account"), [("eu-west-1", ACCOUNT), ("us-east-1", OTHER), ("eu-west-1", OTHER)]
)
def test_an_event_has_an_id_of_its_own_in_another_account_or_region(
    world: Any, forwarded: Callable[..., Any], region: str, account: str
) -> None:
    first_id, event = forwarded(region, account, "default")

    assert event["id"] != first_id
    assert {name: value for name, value in event.items() if name != "id"} == {
        "version": "0",
        "detail-type": "Order",
        "source": "shop",
        "account": ACCOUNT,
        "time": "2026-01-01T10:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"n": 1},
    }
    story = [(record.verb, record.subject) for record in world.emulator.trace(first_id)]
    assert story[:5] == [
        ("accepted", first_id),
        ("matched", first_id),
        ("delivered", first_id),
        ("accepted", event["id"]),
        ("matched", event["id"]),
    ]


def test_a_transformed_event_has_an_id_of_its_own_there_too(
    world: Any, forwarded: Callable[..., Any]
) -> None:
    first_id, event = forwarded("eu-west-1", ACCOUNT, "default", InputPath="$.detail")

    assert event["id"] != first_id
    assert event["detail"] == {"n": 1}


def test_an_event_keeps_its_id_on_another_bus_of_its_account_and_region(
    world: Any, forwarded: Callable[..., Any]
) -> None:
    first_id, event = forwarded("us-east-1", ACCOUNT, "other")

    assert event["id"] == first_id


# Empty texts


def test_an_empty_pattern_beside_a_schedule_counts_as_absent(world: Any) -> None:
    world.events.put_rule(Name="r", EventPattern="", ScheduleExpression="rate(1 hour)")

    found = world.events.describe_rule(Name="r")

    assert (found.get("EventPattern"), found["ScheduleExpression"]) == (None, "rate(1 hour)")


def test_an_empty_schedule_beside_a_pattern_counts_as_absent_on_any_bus(world: Any) -> None:
    world.events.create_event_bus(Name="shop")
    for bus in ("default", "shop"):
        world.events.put_rule(Name="r", EventBusName=bus, EventPattern=ORDERS, ScheduleExpression="")

        found = world.events.describe_rule(Name="r", EventBusName=bus)

        assert (found["EventPattern"], found.get("ScheduleExpression")) == (ORDERS, None)


@pytest.mark.parametrize(
    "given",
    [{}, {"EventPattern": ""}, {"ScheduleExpression": ""}, {"EventPattern": "", "ScheduleExpression": ""}],
)
def test_a_rule_without_pattern_and_schedule_is_refused_however_they_are_left_out(
    world: Any, given: dict[str, str]
) -> None:
    with refused("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."):
        world.events.put_rule(Name="r", **given)


def test_an_empty_pattern_of_an_archive_counts_as_absent(world: Any) -> None:
    world.events.create_archive(ArchiveName="a", EventSourceArn=bus_arn(), EventPattern="")
    assert "EventPattern" not in world.events.describe_archive(ArchiveName="a")

    with refused(
        "ValidationException", "At least one of EventPattern, RetentionDays or Description must be provided."
    ):
        world.events.update_archive(ArchiveName="a", EventPattern="")


# URLs

BAD_URLS = [
    "ftp://example.com/x",
    "https:///x",
    "file:///etc/passwd",
    "example.com",
    "https:example.com",
    "//example.com/",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_api_destination_is_called_by_https_or_http_at_a_host(world: Any, url: str) -> None:
    made = create_basic(world)
    good = {"Name": "d", "ConnectionArn": made["ConnectionArn"], "HttpMethod": "POST"}
    words = (
        "Parameter InvocationEndpoint is not valid. Reason: it must be a URL of https or http with a host."
    )

    with refused("ValidationException", words):
        world.events.create_api_destination(InvocationEndpoint=url, **good)
    world.events.create_api_destination(InvocationEndpoint="http://127.0.0.1:9/*", **good)
    with refused("ValidationException", words):
        world.events.update_api_destination(Name="d", InvocationEndpoint=url)


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_authorization_endpoint_is_asked_by_https_or_http_at_a_host(world: Any, url: str) -> None:
    words = (
        "Parameter AuthParameters.OAuthParameters.AuthorizationEndpoint is not valid. "
        "Reason: it must be a URL of https or http with a host."
    )

    with refused("ValidationException", words):
        create_oauth(world, AuthorizationEndpoint=url)
    create_oauth(world, AuthorizationEndpoint="http://127.0.0.1:9/token")
    with refused("ValidationException", words):
        world.events.update_connection(
            Name="c", AuthParameters={"OAuthParameters": {"AuthorizationEndpoint": url}}
        )


# Roles


@pytest.mark.parametrize(
    "arn", [bus_arn("eu-west-1"), bus_arn(account=OTHER), bus_arn("eu-west-1", OTHER, "b")]
)
def test_a_bus_of_another_account_or_region_needs_a_role(world: Any, arn: str) -> None:
    world.events.put_rule(Name="r", EventPattern=ORDERS)

    with refused("ValidationException", f"RoleArn is required for target {arn}."):
        world.events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": arn}])

    world.events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": arn, "RoleArn": ROLE}])
    assert world.events.list_targets_by_rule(Rule="r")["Targets"] == [
        {"Id": "t", "Arn": arn, "RoleArn": ROLE}
    ]


def test_a_bus_of_the_same_account_and_region_needs_no_role(world: Any) -> None:
    world.events.put_rule(Name="r", EventPattern=ORDERS)

    answer = world.events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": bus_arn(name="other")}])

    assert answer["FailedEntryCount"] == 0


# Connections


def test_a_connection_by_oauth_is_authorizing_at_first_and_authorized_after_a_moment(world: Any) -> None:
    answer = create_oauth(world)
    first = world.events.describe_connection(Name="c")
    (listed,) = world.events.list_connections(ConnectionState="AUTHORIZING")["Connections"]
    world.emulator.advance(1)
    then = world.events.describe_connection(Name="c")

    assert answer["ConnectionState"] == first["ConnectionState"] == listed["ConnectionState"] == "AUTHORIZING"
    assert "LastAuthorizedTime" not in first
    assert then["ConnectionState"] == "AUTHORIZED"
    assert world.NOW <= then["LastAuthorizedTime"].timestamp() <= world.NOW + 1


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("BASIC", BASIC),
        ("API_KEY", {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}),
    ],
)
def test_a_connection_by_other_means_is_authorized_at_once(
    world: Any, kind: str, parameters: dict[str, Any]
) -> None:
    answer = world.events.create_connection(Name="c", AuthorizationType=kind, AuthParameters=parameters)

    assert answer["ConnectionState"] == state_of(world) == "AUTHORIZED"


def test_new_credentials_for_oauth_are_authorized_anew_and_a_description_is_not(world: Any) -> None:
    create_oauth(world)
    world.emulator.advance(1)

    assert world.events.update_connection(Name="c", Description="d")["ConnectionState"] == "AUTHORIZED"
    answer = world.events.update_connection(Name="c", AuthParameters=oauth())
    assert answer["ConnectionState"] == state_of(world) == "AUTHORIZING"
    assert "LastAuthorizedTime" in answer
    world.emulator.advance(1)
    assert state_of(world) == "AUTHORIZED"


def test_a_description_neither_renews_an_authorization_nor_hastens_it(world: Any) -> None:
    create_oauth(world)
    world.events.update_connection(Name="c", Description="d")
    assert state_of(world) == "AUTHORIZING"
    world.emulator.advance(1)
    before = world.events.describe_connection(Name="c")["LastAuthorizedTime"]

    after = world.events.update_connection(Name="c", Description="e")["LastAuthorizedTime"]

    assert before == after
    assert state_of(world) == "AUTHORIZED"


def test_a_connection_that_loses_its_authorization_while_it_gets_one_was_never_authorized(world: Any) -> None:
    create_oauth(world)

    world.events.deauthorize_connection(Name="c")
    world.emulator.advance(1)

    assert "LastAuthorizedTime" not in world.events.describe_connection(Name="c")


def test_an_api_destination_is_inactive_until_its_connection_is_authorized(world: Any) -> None:
    connection = create_oauth(world)["ConnectionArn"]
    settings = {
        "ConnectionArn": connection,
        "InvocationEndpoint": "https://example.com/",
        "HttpMethod": "GET",
    }

    answer = world.events.create_api_destination(Name="d", **settings)
    world.emulator.advance(1)

    assert answer["ApiDestinationState"] == "INACTIVE"
    assert world.events.describe_api_destination(Name="d")["ApiDestinationState"] == "ACTIVE"


def test_the_method_of_oauth_may_be_given_in_small_letters(world: Any) -> None:
    create_oauth(world, HttpMethod="post")

    found = world.events.describe_connection(Name="c")["AuthParameters"]["OAuthParameters"]

    assert found["HttpMethod"] == "post"
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'patch' at 'authParameters.oAuthParameters.httpMethod' failed to "
        "satisfy constraint: Member must satisfy enum value set: [POST, PUT, GET]",
    ):
        world.events.update_connection(Name="c", AuthParameters={"OAuthParameters": {"HttpMethod": "patch"}})


def test_parameters_that_were_given_empty_are_shown_empty_and_others_not_at_all(world: Any) -> None:
    create_basic(world)
    assert "InvocationHttpParameters" not in world.events.describe_connection(Name="c")["AuthParameters"]

    world.events.update_connection(Name="c", AuthParameters={"InvocationHttpParameters": {}})

    assert world.events.describe_connection(Name="c")["AuthParameters"]["InvocationHttpParameters"] == {}


def test_parameters_of_oauth_that_were_given_empty_are_shown_empty(world: Any) -> None:
    create_oauth(world, OAuthHttpParameters={})

    found = world.events.describe_connection(Name="c")["AuthParameters"]["OAuthParameters"]

    assert found["OAuthHttpParameters"] == {}


def test_a_connection_loses_its_authorization_in_a_moment(world: Any) -> None:
    create_basic(world)
    world.emulator.advance(1)

    answer = world.events.deauthorize_connection(Name="c")

    assert answer["ConnectionState"] == state_of(world) == "DEAUTHORIZING"
    world.emulator.advance(1)
    assert state_of(world) == "DEAUTHORIZED"
    assert world.events.describe_connection(Name="c")["LastAuthorizedTime"].timestamp() == world.NOW


def test_a_private_connection_is_creating_and_updating_for_a_moment(world: Any) -> None:
    private = {"ResourceParameters": {"ResourceConfigurationArn": RESOURCE}}
    answer = create_basic(world, InvocationConnectivityParameters=private)
    assert answer["ConnectionState"] == state_of(world) == "CREATING"
    world.emulator.advance(1)
    assert state_of(world) == "AUTHORIZED"

    answer = world.events.update_connection(Name="c", Description="d")

    assert answer["ConnectionState"] == state_of(world) == "UPDATING"
    world.emulator.advance(1)
    assert state_of(world) == "AUTHORIZED"


def test_a_connection_that_is_deleted_is_told_as_deleting_and_is_gone_right_after(world: Any) -> None:
    create_basic(world)

    assert world.events.delete_connection(Name="c")["ConnectionState"] == "DELETING"
    with refused(
        "ResourceNotFoundException", "Failed to describe the connection(s). Connection 'c' does not exist."
    ):
        world.events.describe_connection(Name="c")


# Global endpoints


@pytest.fixture
def endpoint(world: Any) -> dict[str, Any]:
    for region in ("us-east-1", "us-west-2"):
        world.client("events", region).create_event_bus(Name="shop")
    answer: dict[str, Any] = world.events.create_endpoint(
        Name="e",
        RoutingConfig={
            "FailoverConfig": {"Primary": {"HealthCheck": CHECK}, "Secondary": {"Route": "us-west-2"}}
        },
        EventBuses=[{"EventBusArn": bus_arn(region, name="shop")} for region in ("us-east-1", "us-west-2")],
        ReplicationConfig={"State": "DISABLED"},
    )
    return answer


def endpoint_states(world: Any) -> list[str]:
    """Return the state as it is described, and as it is listed; nothing where there is no endpoint."""
    return [found["State"] for found in world.events.list_endpoints()["Endpoints"]]


def test_an_endpoint_is_creating_updating_and_deleting_for_a_moment(
    world: Any, endpoint: dict[str, Any]
) -> None:
    assert endpoint["State"] == world.events.describe_endpoint(Name="e")["State"] == "CREATING"
    assert endpoint_states(world) == ["CREATING"]
    world.emulator.advance(1)
    assert endpoint_states(world) == ["ACTIVE"]

    assert world.events.update_endpoint(Name="e", Description="d")["State"] == "UPDATING"
    assert endpoint_states(world) == ["UPDATING"]
    world.emulator.advance(1)
    assert endpoint_states(world) == ["ACTIVE"]

    world.events.delete_endpoint(Name="e")
    assert world.events.describe_endpoint(Name="e")["State"] == "DELETING"
    assert endpoint_states(world) == ["DELETING"]
    world.emulator.advance(1)
    assert endpoint_states(world) == []
    with refused("ResourceNotFoundException", "Endpoint e does not exist."):
        world.events.describe_endpoint(Name="e")


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_an_endpoint_that_is_being_deleted_is_only_shown(
    world: Any, endpoint: dict[str, Any], verb: str
) -> None:
    world.events.delete_endpoint(Name="e")

    with refused("ResourceNotFoundException", "Endpoint e does not exist."):
        getattr(world.events, f"{verb}_endpoint")(Name="e")


# Archives and replays


def start(world: Any) -> dict[str, Any]:
    world.events.create_archive(ArchiveName="a", EventSourceArn=bus_arn())
    answer: dict[str, Any] = world.events.start_replay(
        ReplayName="again",
        EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:archive/a",
        EventStartTime=world.NOW,
        EventEndTime=world.NOW + 60,
        Destination={"Arn": bus_arn()},
    )
    return answer


def replay_state(world: Any) -> str:
    return str(world.events.describe_replay(ReplayName="again")["State"])


def test_a_replay_is_starting_for_a_moment(world: Any) -> None:
    assert start(world)["State"] == replay_state(world) == "STARTING"
    world.emulator.advance(0)
    assert replay_state(world) == "STARTING"
    world.emulator.advance(1)
    assert replay_state(world) == "COMPLETED"


def test_a_replay_is_cancelling_for_a_moment(world: Any) -> None:
    start(world)

    assert world.events.cancel_replay(ReplayName="again")["State"] == replay_state(world) == "CANCELLING"
    world.emulator.advance(1)
    assert replay_state(world) == "CANCELLED"


def test_an_archive_is_enabled_at_once(world: Any) -> None:
    answer = world.events.create_archive(ArchiveName="a", EventSourceArn=bus_arn())

    assert answer["State"] == world.events.describe_archive(ArchiveName="a")["State"] == "ENABLED"
    assert world.events.update_archive(ArchiveName="a", Description="d")["State"] == "ENABLED"


def test_a_state_that_passes_is_kept_and_ends_in_an_imported_state_too(
    world: Any, endpoint: dict[str, Any]
) -> None:
    create_oauth(world)
    world.events.delete_endpoint(Name="e")
    start(world)

    world.emulator.import_state(world.emulator.export_state())

    assert (state_of(world), endpoint_states(world), replay_state(world)) == (
        "AUTHORIZING",
        ["DELETING"],
        "STARTING",
    )
    world.emulator.advance(1)
    assert (state_of(world), endpoint_states(world), replay_state(world)) == ("AUTHORIZED", [], "COMPLETED")


# Orders


def target_ids(world: Any) -> list[str]:
    return [target["Id"] for target in world.events.list_targets_by_rule(Rule="r")["Targets"]]


def test_targets_are_listed_in_the_order_in_which_they_were_put(world: Any) -> None:
    def put(*ids: str) -> None:
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
        world.events.put_targets(Rule="r", Targets=[{"Id": name, "Arn": arn} for name in ids])

    world.events.put_rule(Name="r", EventPattern=ORDERS)
    put("c", "a")
    put("b")
    put("c")
    assert target_ids(world) == ["c", "a", "b"]

    world.events.remove_targets(Rule="r", Ids=["a"])
    put("a")

    assert target_ids(world) == ["c", "b", "a"]
    pages = []
    answer: dict[str, Any] = {"NextToken": None}
    while "NextToken" in answer:
        token = {"NextToken": answer["NextToken"]} if answer["NextToken"] else {}
        answer = world.events.list_targets_by_rule(Rule="r", Limit=1, **token)
        pages += [target["Id"] for target in answer["Targets"]]
        world.events.remove_targets(Rule="r", Ids=pages[:1])
    assert pages == ["c", "b", "a"]


# The default bus


def test_the_times_of_the_default_bus_are_not_shown_until_it_is_changed(world: Any) -> None:
    (listed,) = world.events.list_event_buses()["EventBuses"]
    del (found := world.events.describe_event_bus())["ResponseMetadata"]
    assert listed == found == {"Name": "default", "Arn": bus_arn()}

    world.events.update_event_bus(Description="ours")

    found = world.events.describe_event_bus()
    (listed,) = world.events.list_event_buses()["EventBuses"]
    for shown in (found, listed):
        assert {"CreationTime", "LastModifiedTime"} <= shown.keys()
    assert found["LastModifiedTime"].timestamp() == world.NOW


def test_the_times_of_another_bus_are_shown_at_once(world: Any) -> None:
    world.events.create_event_bus(Name="shop")

    found = world.events.describe_event_bus(Name="shop")

    assert found["CreationTime"].timestamp() == found["LastModifiedTime"].timestamp() == world.NOW


# The JSON that EventBridge composes


def test_the_policy_of_a_bus_is_written_as_aws_writes_it(world: Any) -> None:
    world.events.put_permission(Action="events:PutEvents", Principal=OTHER, StatementId="one")
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}
    world.events.put_permission(
        Action="events:PutEvents", Principal="*", StatementId="two", Condition=condition
    )

    assert world.events.describe_event_bus()["Policy"] == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow",'
        '"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"events:PutEvents",'
        '"Resource":"arn:aws:events:us-east-1:000000000000:event-bus/default"},'
        '{"Sid":"two","Effect":"Allow","Principal":"*","Action":"events:PutEvents",'
        '"Resource":"arn:aws:events:us-east-1:000000000000:event-bus/default",'
        '"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}'
    )


def test_the_event_is_written_as_aws_writes_it(world: Any) -> None:
    url, arn = world.queue()
    world.events.put_rule(Name="r", EventPattern=ORDERS)
    world.events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])

    (entry,) = world.events.put_events(Entries=[{**EVENT, "Resources": ["arn:aws:s3:::b"]}])["Entries"]

    assert world.bodies(url) == [
        (
            f'{{"version":"0","id":"{entry["EventId"]}","detail-type":"Order","source":"shop",'
            '"account":"000000000000","time":"2026-01-01T10:00:00Z","region":"us-east-1",'
            '"resources":["arn:aws:s3:::b"],"detail":{"n":1}}'
        )
    ]


def test_a_scheduled_event_is_written_as_aws_writes_it(world: Any) -> None:
    url, arn = world.queue()
    world.events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    world.events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])

    world.emulator.advance(60)

    (body,) = world.bodies(url)
    assert body == (
        f'{{"version":"0","id":"{json.loads(body)["id"]}","detail-type":"Scheduled Event",'
        '"source":"aws.events","account":"000000000000","time":"2026-01-01T10:01:00Z","region":"us-east-1",'
        '"resources":["arn:aws:events:us-east-1:000000000000:rule/r"],"detail":{}}'
    )
