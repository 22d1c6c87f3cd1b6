"""Resource policies with their revisions, what they let other accounts do; tags; what is revoked."""

import json
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import ARN, ROLE, World, refusal

GUEST = "111111111111"
ENTRY = {"Source": "shop", "DetailType": "placed", "Detail": "{}"}


def policy(*actions: str, effect: str = "Allow", principal: Any = None, **more: Any) -> str:
    statement = {
        "Effect": effect,
        "Principal": principal or {"AWS": f"arn:aws:iam::{GUEST}:root"},
        "Action": list(actions),
        "Resource": "*",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put(world: World, bus: str, document: str, **how: str) -> Any:
    return world.buses.put_resource_policy(ResourceArn=bus, PolicyDocument=document, **how)


def test_a_policy_is_put_got_listed_and_deleted_by_its_revision(world: World) -> None:
    bus, document = world.bus(), policy("events:PutEvents")

    first = put(world, bus, document, ExpectedRevisionId="NO_POLICY")["RevisionId"]
    second = put(world, bus, document, ExpectedRevisionId=first)["RevisionId"]

    assert first != second
    found = world.buses.get_resource_policy(ResourceArn=bus)
    found.pop("ResponseMetadata")
    assert found == {
        "ResourceArn": bus,
        "PolicyDocument": document,
        "PolicyName": "default",
        "RevisionId": second,
    }
    listed = world.buses.list_resource_policies(ResourceArn=bus)["PolicySummaries"]
    assert listed == [{"PolicyName": "default", "RevisionId": second}]
    deleted = world.buses.delete_resource_policy(ResourceArn=bus, ExpectedRevisionId=second)
    assert deleted["RevisionId"] == second
    assert "RevisionId" not in world.buses.delete_resource_policy(ResourceArn=bus)
    assert refusal(world.buses.get_resource_policy, ResourceArn=bus)[:2] == ("ResourceNotFoundException", 404)


def test_a_policy_without_statements_takes_the_policy_away(world: World) -> None:
    bus = world.bus()
    put(world, bus, policy("events:PutEvents"))

    assert "RevisionId" not in put(world, bus, '{"Version":"2012-10-17","Statement":[]}')
    assert world.buses.list_resource_policies(ResourceArn=bus)["PolicySummaries"] == []


@pytest.mark.parametrize(
    ("document", "how", "code"),
    [
        (policy("events:PutEvents"), {"ExpectedRevisionId": "other"}, "ConflictException"),
        (policy("events:PutEvents"), {"PolicyName": "AWS_RAM"}, "AccessDeniedException"),
        (policy("events:PutEvents"), {"PolicyName": "mine"}, "InvalidInputException"),
        (policy("events:PutEvents", principal="*"), {}, "PublicPolicyException"),
        (policy("events:PutEvents", principal={"AWS": ["*"]}), {}, "PublicPolicyException"),
        ("{", {}, "InvalidInputException"),
        ("[" * 5000, {}, "InvalidInputException"),
        ("{}", {}, "InvalidInputException"),
        (policy("x" * 20_480), {}, "PolicyLengthExceededException"),
    ],
)
def test_a_policy_that_is_none_is_refused(
    world: World, document: str, how: dict[str, str], code: str
) -> None:
    bus = world.bus()

    assert refusal(put, world=world, bus=bus, document=document, **how)[0] == code
    assert world.buses.list_resource_policies(ResourceArn=bus)["PolicySummaries"] == []


def test_everybody_of_one_account_is_not_everybody(world: World) -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": GUEST}}
    bus = world.bus()
    put(world, bus, policy("events:*", principal="*", Condition=condition))

    guest, stranger = world.client("eventbridgev2", GUEST), world.client("eventbridgev2", "222222222222")
    assert guest.put_events(EventBusArn=bus, Entries=[ENTRY])["FailedEntryCount"] == 0
    assert refusal(stranger.put_events, EventBusArn=bus, Entries=[ENTRY])[:2] == (
        "AccessDeniedException",
        403,
    )


def test_another_account_publishes_and_subscribes_as_the_policy_says(world: World) -> None:
    bus = world.bus()
    guest = world.client("eventbridgev2", GUEST)
    target = f"arn:aws:sqs:us-east-1:{GUEST}:q"
    invoke = {"TargetArn": target, "RoleArn": ROLE.replace("000000000000", GUEST)}
    assert refusal(guest.describe_event_bus, EventBusArn=bus) == (
        "AccessDeniedException",
        403,
        f"Account {GUEST} is not authorized to perform: events:DescribeEventBus on resource: {bus}",
    )

    put(world, bus, policy("events:CreateSubscriber", "events:Put*"))
    url = world.client("sqs", GUEST).create_queue(QueueName="q")["QueueUrl"]
    arn = guest.create_subscriber(Name="s", EventBusArn=bus, InvokeConfiguration=invoke)["SubscriberArn"]
    guest.put_events(EventBusArn=bus, Entries=[ENTRY])
    world.put(bus, {})

    assert arn.split(":")[4] == GUEST
    bodies = [
        json.loads(one["Body"])["account"]
        for one in world.client("sqs", GUEST).receive_message(QueueUrl=url, MaxNumberOfMessages=10)[
            "Messages"
        ]
    ]
    assert bodies == [GUEST, "000000000000"]
    (row,) = world.buses.list_subscribers(EventBusArn=bus)["Subscribers"]
    assert row["SubscriberAccountId"] == GUEST
    assert refusal(world.buses.describe_subscriber, SubscriberArn=arn)[0] == "AccessDeniedException"
    assert refusal(guest.put_resource_policy, ResourceArn=bus, PolicyDocument=policy("events:*"))[0] == (
        "AccessDeniedException"
    )


def test_a_denial_outweighs_all_else_even_for_the_owner(world: World) -> None:
    bus = world.bus()
    deny = json.loads(policy("events:PutEvents", effect="Deny", principal={"AWS": "000000000000"}))
    allow = json.loads(policy("events:*"))
    put(world, bus, json.dumps({"Statement": allow["Statement"] + deny["Statement"]}))

    assert refusal(world.put, bus=bus)[0] == "InvalidInputException"  # no entries
    assert refusal(world.buses.put_events, EventBusArn=bus, Entries=[ENTRY])[0] == "AccessDeniedException"
    assert world.client("eventbridgev2", GUEST).put_events(EventBusArn=bus, Entries=[ENTRY])


def test_buses_subscribers_and_event_sources_have_tags(world: World) -> None:
    bus = world.bus(Tags={"team": "a"})
    source = world.buses.create_event_source(
        Name="objects",
        EventBusArn=bus,
        Configuration={"AwsServiceEventsConfiguration": {"AwsService": "aws.s3"}},
        Tags={"team": "a"},
    )["EventSourceArn"]
    for arn in (bus, world.subscribe(bus, Tags={"team": "a"}), source):
        world.buses.tag_resource(ResourceArn=arn, Tags={"team": "b", "cost": "1"})
        assert world.buses.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "b", "cost": "1"}
        world.buses.untag_resource(ResourceArn=arn, TagKeys=["team", "other"])
        assert world.buses.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"cost": "1"}


def test_a_resource_has_fifty_tags_at_most(world: World) -> None:
    bus = world.bus()

    world.buses.tag_resource(ResourceArn=bus, Tags={str(number): "" for number in range(50)})
    assert refusal(world.buses.tag_resource, ResourceArn=bus, Tags={"one": "more"})[:2] == (
        "LimitExceededException",
        400,
    )


def test_tags_of_what_is_not_there_are_not_found(world: World) -> None:
    arn = ARN("events", "subscriber/none/" + "0" * 25)

    assert refusal(world.buses.list_tags_for_resource, ResourceArn=arn)[0] == "ResourceNotFoundException"


def test_a_revoked_subscriber_delivers_nothing_and_cannot_be_changed(world: World) -> None:
    bus = world.bus()
    world.queue()
    arn = world.subscribe(bus)

    assert world.buses.revoke_resource(Arn=arn)["Arn"] == arn
    world.put(bus, {})

    assert world.bodies() == []
    assert world.buses.describe_subscriber(SubscriberArn=arn)["Revoked"] is True
    assert world.buses.list_subscribers()["Subscribers"][0]["Revoked"] is True
    assert refusal(world.buses.update_subscriber, SubscriberArn=arn, State="RUNNING") == (
        "InvalidStateException",
        409,
        "Subscriber s has been revoked.",
    )
    assert refusal(world.buses.tag_resource, ResourceArn=arn, Tags={"a": "b"})[0] == "InvalidStateException"
    world.buses.delete_event_bus(EventBusArn=bus)  # it does not count any more
    world.buses.delete_subscriber(SubscriberArn=arn)


def test_what_does_not_exist_is_revoked_by_nobody(world: World) -> None:
    arn = ARN("events", "subscriber/none/" + "0" * 25)

    assert refusal(world.buses.revoke_resource, Arn=arn)[:2] == ("AccessDeniedException", 403)
