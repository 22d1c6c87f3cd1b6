"""Every operation of EventBridge once as it is meant and once as it is refused."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name; an error is noted and answered with {}."""

ACCOUNT = "000000000000"
DEFAULT = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
SOURCE = "aws.partner/example.com/shop"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/shop/orders"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
CHECK = "arn:aws:route53:::healthcheck/11111111-2222-3333-4444-555555555555"
TWINS = [{"EventBusArn": DEFAULT}, {"EventBusArn": DEFAULT.replace("us-east-1", "us-west-2")}]
ROUTING = {"FailoverConfig": {"Primary": {"HealthCheck": CHECK}, "Secondary": {"Route": "us-west-2"}}}
BASIC = {"BasicAuthParameters": {"Username": "ann", "Password": "secret"}}
ENTRY = {"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}', "EventBusName": "shop"}
EVENT = (
    '{"id":"1","account":"1","source":"shop","time":"2026-01-01T00:00:00Z","region":"r",'
    '"resources":[],"detail-type":"t","detail":{}}'
)
BAD = "not a name!"
BAD_SOURCE = "no partner"


def buses(call: Call) -> None:
    call("create_event_bus", Name="shop", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    call("create_event_bus", Name="shop")
    call("describe_event_bus", Name="shop")
    call("describe_event_bus", Name="nowhere")
    call("list_event_buses", NamePrefix="s", Limit=1)
    call("list_event_buses", NextToken="nonsense")
    call("update_event_bus", Name="shop", LogConfig={"Level": "TRACE", "IncludeDetail": "FULL"})
    call("update_event_bus", Name="nowhere")
    call("delete_event_bus", Name="default")
    call("delete_event_bus", Name="nowhere")


def permissions(call: Call) -> None:
    statement = {"Action": "events:PutEvents", "Principal": "999999999999", "StatementId": "s"}
    call("put_permission", EventBusName="shop", **statement)
    call("put_permission", EventBusName="nowhere", **statement)
    call("remove_permission", EventBusName="shop", StatementId="s")
    call("remove_permission", EventBusName="shop", StatementId="s")


def rules(call: Call) -> None:
    call("put_rule", Name="orders", EventBusName="shop", EventPattern='{"source": ["shop"]}', Description="d")
    call("put_rule", Name="orders", EventBusName="shop", EventPattern="[]")
    call("describe_rule", Name="orders", EventBusName="shop")
    call("describe_rule", Name="nowhere")
    call("list_rules", EventBusName="shop")
    call("list_rules", EventBusName="nowhere")
    for verb in ("disable", "enable"):
        call(f"{verb}_rule", Name="orders", EventBusName="shop")
        call(f"{verb}_rule", Name="nowhere")
    call("test_event_pattern", EventPattern='{"source": ["shop"]}', Event=EVENT)
    call("test_event_pattern", EventPattern='{"source": ["shop"]}', Event="{}")


def targets(call: Call) -> None:
    target = {"Id": "t", "Arn": QUEUE, "InputPath": "$.detail"}
    call("put_targets", Rule="orders", EventBusName="shop", Targets=[target])
    call("put_targets", Rule="orders", EventBusName="shop", Targets=[{**target, "Input": "1"}])
    call("list_targets_by_rule", Rule="orders", EventBusName="shop")
    call("list_targets_by_rule", Rule="nowhere")
    call("list_rule_names_by_target", TargetArn=QUEUE, EventBusName="shop")
    call("list_rule_names_by_target", TargetArn=QUEUE, EventBusName="nowhere")


def tags(call: Call) -> None:
    call("tag_resource", ResourceARN=RULE, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}])
    call("tag_resource", ResourceARN="nonsense", Tags=[])
    call("untag_resource", ResourceARN=RULE, TagKeys=["a"])
    call("untag_resource", ResourceARN="nonsense", TagKeys=["a"])
    call("list_tags_for_resource", ResourceARN=RULE)
    call("list_tags_for_resource", ResourceARN=RULE.replace("orders", "nowhere"))


def archives(call: Call) -> None:
    bus = DEFAULT.replace("default", "shop")
    call("create_archive", ArchiveName="kept", EventSourceArn=bus, RetentionDays=1)
    call("create_archive", ArchiveName="kept", EventSourceArn=bus)
    call("put_events", Entries=[ENTRY, {**ENTRY, "Detail": "["}])
    call("put_events", Entries=[ENTRY] * 11)
    call("describe_archive", ArchiveName="kept")
    call("describe_archive", ArchiveName="nowhere")
    call("list_archives", NamePrefix="k")
    call("list_archives", NamePrefix="k", State="ENABLED")
    call("update_archive", ArchiveName="kept", Description="d")
    call("update_archive", ArchiveName="kept")


def replays(call: Call, now: float) -> None:
    window = {
        "EventSourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:archive/kept",
        "EventStartTime": now,
        "EventEndTime": now + 60,
        "Destination": {"Arn": DEFAULT.replace("default", "shop")},
    }
    call("start_replay", ReplayName="again", **window)
    call("start_replay", ReplayName="again", **window)
    call("describe_replay", ReplayName="again")
    call("describe_replay", ReplayName="nowhere")
    call("list_replays", State="STARTING")
    call("list_replays", NextToken="nonsense")
    call("cancel_replay", ReplayName="again")
    call("cancel_replay", ReplayName="again")


def connections(call: Call) -> None:
    made = call("create_connection", Name="c", AuthorizationType="BASIC", AuthParameters=BASIC)
    call("create_connection", Name="c", AuthorizationType="NONE", AuthParameters=BASIC)
    call("describe_connection", Name="c")
    call("list_connections")
    call("list_connections", NamePrefix=BAD)
    call("update_connection", Name="c", Description="d")
    _api_destinations(call, made["ConnectionArn"])
    call("deauthorize_connection", Name="c")
    call("delete_connection", Name="c")
    for verb in ("describe", "update", "deauthorize", "delete"):
        call(f"{verb}_connection", Name="c")


def _api_destinations(call: Call, connection: str) -> None:
    destination = {"InvocationEndpoint": "https://example.com/*", "HttpMethod": "POST"}
    call("create_api_destination", Name="d", ConnectionArn=connection, **destination)
    call("create_api_destination", Name="d", ConnectionArn=connection, **destination)
    call("describe_api_destination", Name="d")
    call("list_api_destinations", ConnectionArn=connection)
    call("list_api_destinations", NextToken="nonsense")
    call("update_api_destination", Name="d", InvocationRateLimitPerSecond=1)
    call("delete_api_destination", Name="d")
    for verb in ("describe", "update", "delete"):
        call(f"{verb}_api_destination", Name="d")


def endpoints(call: Call) -> None:
    settings = {"RoutingConfig": ROUTING, "EventBuses": TWINS, "ReplicationConfig": {"State": "DISABLED"}}
    call("create_endpoint", Name="e", **settings)
    call("create_endpoint", Name="e", **settings)
    call("describe_endpoint", Name="e")
    call("list_endpoints", MaxResults=1)
    call("list_endpoints", NextToken="nonsense")
    call("update_endpoint", Name="e", Description="d")
    call("delete_endpoint", Name="e")
    for verb in ("describe", "update", "delete"):
        call(f"{verb}_endpoint", Name="nowhere")


def partner_sources(call: Call) -> None:
    call("create_partner_event_source", Name=SOURCE, Account=ACCOUNT)
    call("create_partner_event_source", Name=SOURCE, Account=ACCOUNT)
    call("create_event_bus", Name=SOURCE, EventSourceName=SOURCE)
    call("deactivate_event_source", Name=SOURCE)
    call("deactivate_event_source", Name=SOURCE)
    call("activate_event_source", Name=SOURCE)
    call("activate_event_source", Name=SOURCE)
    call("put_partner_events", Entries=[{"Source": SOURCE, "DetailType": "t", "Detail": "{}"}])
    call("put_partner_events", Entries=[{"Source": BAD_SOURCE, "DetailType": "t", "Detail": "{}"}])
    for verb in ("describe_event_source", "describe_partner_event_source"):
        call(verb, Name=SOURCE)
        call(verb, Name=SOURCE + "/2")
    call("list_partner_event_source_accounts", EventSourceName=SOURCE)
    call("list_partner_event_source_accounts", EventSourceName=SOURCE + "/2")
    call("list_event_sources", NamePrefix="aws")
    call("list_event_sources", NextToken="nonsense")
    call("list_partner_event_sources", NamePrefix="aws.partner/example.com/")
    call("list_partner_event_sources", NamePrefix="nobody")
    call("delete_partner_event_source", Name=SOURCE, Account=ACCOUNT)
    call("delete_partner_event_source", Name=BAD_SOURCE, Account=ACCOUNT)


def removals(call: Call) -> None:
    call("delete_rule", Name="orders", EventBusName="shop")
    call("remove_targets", Rule="orders", EventBusName="shop", Ids=["t"])
    call("remove_targets", Rule="nowhere", Ids=["t"])
    call("delete_rule", Name="orders", EventBusName="shop")
    call("delete_archive", ArchiveName="kept")
    call("delete_archive", ArchiveName="kept")
    call("delete_event_bus", Name="shop")


def everything(call: Call, now: float) -> None:
    buses(call)
    permissions(call)
    rules(call)
    targets(call)
    tags(call)
    archives(call)
    replays(call, now)
    connections(call)
    endpoints(call)
    partner_sources(call)
    removals(call)
