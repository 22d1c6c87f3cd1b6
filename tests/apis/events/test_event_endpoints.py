"""Global endpoints on the wire, and where PutEvents goes with their ids."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

CHECK = "arn:aws:route53:::healthcheck/11111111-2222-3333-4444-555555555555"
HERE = "arn:aws:events:us-east-1:000000000000:event-bus/shop"
THERE = "arn:aws:events:us-west-2:000000000000:event-bus/shop"
ROLE = "arn:aws:iam::000000000000:role/replication"
ROUTING = {"FailoverConfig": {"Primary": {"HealthCheck": CHECK}, "Secondary": {"Route": "us-west-2"}}}
OFF = {"State": "DISABLED"}


@pytest.fixture
def queues(world: Any) -> dict[str, str]:
    """Make the bus in both regions, each with a queue for all its events; return their URLs by region."""
    urls = {}
    for region in ("us-east-1", "us-west-2"):
        events = world.client("events", region)
        events.create_event_bus(Name="shop")
        urls[region], arn = world.queue("q", region)
        events.put_rule(Name="r", EventBusName="shop", EventPattern='{"source": [{"prefix": ""}]}')
        events.put_targets(Rule="r", EventBusName="shop", Targets=[{"Id": "q", "Arn": arn}])
    return urls


def create(world: Any, name: str = "e", **settings: Any) -> dict[str, Any]:
    arguments = {
        "RoutingConfig": ROUTING,
        "EventBuses": [{"EventBusArn": HERE}, {"EventBusArn": THERE}],
        "ReplicationConfig": OFF,
        **settings,
    }
    answer: dict[str, Any] = world.events.create_endpoint(Name=name, **arguments)
    return answer


def put(
    world: Any,
    endpoint_id: str,
    bus: str | None = "shop",
    region: str = "us-east-1",
    account: str = "000000000000",
) -> dict[str, Any]:
    """Put an event with an EndpointId, which botocore itself sends only when it can sign for many regions."""

    def name_endpoint(params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps({**json.loads(params["body"]), "EndpointId": endpoint_id}).encode()

    client = world.client("events", region, account)
    client.meta.events.register("before-call.events.PutEvents", name_endpoint)
    entry = {"Source": "shop", "DetailType": "Order", "Detail": "{}"}
    try:
        answer: dict[str, Any] = client.put_events(Entries=[entry | ({"EventBusName": bus} if bus else {})])
    finally:
        client.meta.events.unregister("before-call.events.PutEvents", name_endpoint)
    return answer


def id_of(world: Any) -> str:
    return str(world.events.describe_endpoint(Name="e")["EndpointId"])


def arrived(world: Any, queues: dict[str, str]) -> dict[str, list[str]]:
    """Tell the region named in each event that arrived, by the region of the queue."""
    return {
        region: [json.loads(body)["region"] for body in world.bodies(url, region)]
        for region, url in queues.items()
    }


def test_a_created_endpoint_is_described_as_it_was_created(world: Any, queues: dict[str, str]) -> None:
    settings: dict[str, Any] = {
        "Description": "d",
        "RoleArn": ROLE,
        "ReplicationConfig": {"State": "ENABLED"},
    }
    answer = create(world, **settings)
    world.emulator.advance(1)

    found = world.events.describe_endpoint(Name="e", HomeRegion="us-east-1")

    assert (answer["Arn"], answer["State"]) == (
        "arn:aws:events:us-east-1:000000000000:endpoint/e",
        "CREATING",
    )
    assert {name: found[name] for name in settings} == settings
    assert found["State"] == "ACTIVE"
    assert found["RoutingConfig"] == ROUTING
    assert found["EventBuses"] == [{"EventBusArn": HERE}, {"EventBusArn": THERE}]
    assert found["EndpointUrl"] == f"https://{found['EndpointId']}.endpoint.events.amazonaws.com"
    assert found["CreationTime"].timestamp() == found["LastModifiedTime"].timestamp() == world.NOW


def test_events_go_to_the_primary_region_while_it_is_healthy(world: Any, queues: dict[str, str]) -> None:
    create(world)

    assert put(world, id_of(world))["FailedEntryCount"] == 0
    assert arrived(world, queues) == {"us-east-1": ["us-east-1"], "us-west-2": []}


def test_events_go_to_the_secondary_region_while_the_primary_is_not_healthy(
    world: Any, queues: dict[str, str]
) -> None:
    create(world)
    endpoint = id_of(world)

    world.emulator.call(lambda engine: engine.health_checks.set(CHECK, healthy=False))
    put(world, endpoint)
    assert arrived(world, queues) == {"us-east-1": [], "us-west-2": ["us-west-2"]}

    world.emulator.call(lambda engine: engine.health_checks.set(CHECK, healthy=True))
    put(world, endpoint)
    assert arrived(world, queues) == {"us-east-1": ["us-east-1"], "us-west-2": []}


def test_replicated_events_go_to_both_regions(world: Any, queues: dict[str, str]) -> None:
    create(world, ReplicationConfig={"State": "ENABLED"}, RoleArn=ROLE)

    put(world, id_of(world))

    assert arrived(world, queues) == {"us-east-1": ["us-east-1"], "us-west-2": ["us-east-1"]}


@pytest.mark.parametrize("bus", ["shop", HERE, THERE])
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_the_bus_is_named_in_either_way_and_the_request_sent_to_either_region(
    world: Any, queues: dict[str, str], bus: str, region: str
) -> None:
    create(world)

    put(world, id_of(world), bus, region)

    assert arrived(world, queues) == {"us-east-1": ["us-east-1"], "us-west-2": []}


def test_a_bus_that_is_not_the_endpoints_fails_the_entry(world: Any, queues: dict[str, str]) -> None:
    create(world)

    (outcome,) = put(world, id_of(world), None)["Entries"]

    assert outcome == {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": (
            "Parameter EventBusName is not valid. Reason: Event bus default does not belong to the endpoint e."
        ),
    }


def test_an_endpoint_id_that_does_not_exist_is_refused(world: Any) -> None:
    with refused("ResourceNotFoundException", "Endpoint abcde.veo does not exist."):
        put(world, "abcde.veo")


def test_an_endpoint_of_another_account_is_refused(world: Any, queues: dict[str, str]) -> None:
    create(world)
    endpoint = id_of(world)

    with refused("ResourceNotFoundException", f"Endpoint {endpoint} does not exist."):
        put(world, endpoint, account="999999999999")


def test_an_update_changes_what_it_names(world: Any, queues: dict[str, str]) -> None:
    create(world, Description="old")
    world.emulator.advance(5)

    answer = world.events.update_endpoint(
        Name="e", ReplicationConfig={"State": "ENABLED"}, RoleArn=ROLE, RoutingConfig=ROUTING
    )

    found = world.events.describe_endpoint(Name="e")
    assert (answer["State"], answer["EndpointId"]) == ("UPDATING", found["EndpointId"])
    assert (found["Description"], found["ReplicationConfig"]) == ("old", {"State": "ENABLED"})
    assert found["LastModifiedTime"].timestamp() == world.NOW + 5


def test_endpoints_are_listed_page_by_page(world: Any, queues: dict[str, str]) -> None:
    for name in ("c", "a", "b"):
        create(world, name)

    first = world.events.list_endpoints(MaxResults=2)
    second = world.events.list_endpoints(MaxResults=2, NextToken=first["NextToken"])

    assert [one["Name"] for one in first["Endpoints"] + second["Endpoints"]] == ["a", "b", "c"]


def test_endpoints_are_found_by_prefix_and_home_region(world: Any, queues: dict[str, str]) -> None:
    create(world)

    for given, found in (
        ({"NamePrefix": "e"}, ["e"]),
        ({"NamePrefix": "x"}, []),
        ({"HomeRegion": "us-east-1"}, ["e"]),
        ({"HomeRegion": "us-west-2"}, []),
    ):
        assert [one["Name"] for one in world.events.list_endpoints(**given)["Endpoints"]] == found


def test_a_deleted_endpoint_is_gone(world: Any, queues: dict[str, str]) -> None:
    create(world)
    endpoint = id_of(world)

    world.events.delete_endpoint(Name="e")
    world.emulator.advance(1)

    assert world.events.list_endpoints()["Endpoints"] == []
    with refused("ResourceNotFoundException", f"Endpoint {endpoint} does not exist."):
        put(world, endpoint)


@pytest.mark.parametrize("operation", ["describe_endpoint", "update_endpoint", "delete_endpoint"])
def test_an_endpoint_that_does_not_exist_is_named(world: Any, operation: str) -> None:
    with refused("ResourceNotFoundException", "Endpoint nowhere does not exist."):
        getattr(world.events, operation)(Name="nowhere")


def test_an_endpoint_is_described_in_its_home_region_only(world: Any, queues: dict[str, str]) -> None:
    create(world)

    with refused("ResourceNotFoundException", "Endpoint e does not exist."):
        world.events.describe_endpoint(Name="e", HomeRegion="us-west-2")


def test_a_second_endpoint_of_a_name_is_refused(world: Any, queues: dict[str, str]) -> None:
    create(world)

    with refused("ResourceAlreadyExistsException", "Endpoint e already exists."):
        create(world)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"EventBuses": [{"EventBusArn": HERE}, {"EventBusArn": HERE}]},
            (
                "Parameter EventBuses is not valid. Reason: One event bus must be in us-east-1, "
                "the other in the secondary Region."
            ),
        ),
        (
            {"EventBuses": [{"EventBusArn": HERE}, {"EventBusArn": THERE.replace("us-west-2", "eu-west-1")}]},
            "Parameter EventBuses is not valid. Reason: No event bus is in the secondary Region us-west-2.",
        ),
        (
            {"EventBuses": [{"EventBusArn": HERE}, {"EventBusArn": THERE.replace("shop", "bank")}]},
            "Parameter EventBuses is not valid. Reason: The event buses must have the same name.",
        ),
        (
            {"ReplicationConfig": {"State": "ENABLED"}},
            "Parameter RoleArn must be specified when replication is enabled.",
        ),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(
    world: Any, queues: dict[str, str], settings: dict[str, Any], message: str
) -> None:
    with refused("ValidationException", message):
        create(world, **settings)


def test_a_bus_that_does_not_exist_makes_no_endpoint(world: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus shop does not exist."):
        create(world)
