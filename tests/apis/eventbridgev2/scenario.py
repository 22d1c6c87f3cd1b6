"""Every operation of the Custom Event Bus once as it is meant, with something to show."""

import json
from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

ROLE = "arn:aws:iam::000000000000:role/subscriber"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "events:PutEvents",
                "Resource": "*",
            }
        ],
    }
)


def everything(call: Call, emulator: Emulator) -> None:
    bus = _buses(call, emulator)
    subscriber = _subscribers(call, bus)
    source = _sources(call, bus)
    call("put_events", EventBusArn=bus, Entries=[_event()], DeduplicationConfiguration=_ONCE)
    call(
        "put_raw_events",
        EventBusArn=bus,
        Entries=[
            {
                "Data": b'{"order":7}',
                "Metadata": {"tenant": "a"},
                "SystemMetadata": {"ContentType": "application/json", "EventGroupId": "g"},
            }
        ],
    )
    call("tag_resource", ResourceArn=subscriber, Tags={"cost": "1"})
    call("untag_resource", ResourceArn=subscriber, TagKeys=["cost"])
    call("list_tags_for_resource", ResourceArn=bus)
    call("put_resource_policy", ResourceArn=bus, PolicyDocument=POLICY, ExpectedRevisionId="NO_POLICY")
    call("get_resource_policy", ResourceArn=bus)
    call("list_resource_policies", ResourceArn=bus, MaxResults=1)
    call("delete_resource_policy", ResourceArn=bus, PolicyName="default")
    call("revoke_resource", Arn=subscriber)
    call("delete_subscriber", SubscriberArn=subscriber)
    call("delete_event_source", EventSourceArn=source)
    call("delete_event_bus", EventBusArn=bus)


_ONCE = {"DeduplicationType": "CONTENT_BASED"}


def _event() -> dict[str, Any]:
    return {
        "Source": "shop",
        "DetailType": "placed",
        "Detail": '{"order":7}',
        "Resources": ["arn:aws:s3:::bucket"],
        "SystemMetadata": {"EventGroupId": "g", "DeduplicationId": "7"},
    }


def _buses(call: Call, emulator: Emulator) -> str:
    bus = call(
        "create_event_bus",
        Name="shop",
        Description="orders",
        StorageConfiguration={"RetentionPeriodInDays": 7},
        Tags={"team": "a"},
    )["EventBusArn"]
    emulator.advance(1)
    call("describe_event_bus", EventBusArn=bus)
    call("update_event_bus", EventBusArn=bus, Description="all orders")
    call("list_event_buses", NamePrefix="s", MaxResults=1)
    return str(bus)


def _subscribers(call: Call, bus: str) -> str:
    subscriber = call(
        "create_subscriber",
        Name="billing",
        EventBusArn=bus,
        InvokeConfiguration={"TargetArn": QUEUE, "RoleArn": ROLE, "SqsParameters": {"DelaySeconds": "1"}},
        FilterConfiguration={"Filters": [{"Scope": "DATA", "Pattern": '{"source":["shop"]}'}]},
        Type="FIFO",
        StartingPosition="POINT_IN_TIME",
        PointInTimeConfiguration={"PointType": "HORIZON"},
        BatchConfiguration={"MaxBatchSize": 5, "MaxBatchWindowInSeconds": 1},
        Transformer={"Type": "WITH_METADATA"},
        RetryPolicy={"MaxRetryAttempts": 1},
        OnFailureConfiguration={"Arn": QUEUE},
        Tags={"team": "a"},
    )["SubscriberArn"]
    call("describe_subscriber", SubscriberArn=subscriber)
    call("update_subscriber", SubscriberArn=subscriber, State="STOPPED")
    call("list_subscribers", EventBusArn=bus, NamePrefix="b", MaxResults=1)
    return str(subscriber)


def _sources(call: Call, bus: str) -> str:
    token = {"StaticTokenAuthConfiguration": {"TokenHttpHeader": "x-token", "SecretValue": "secret"}}
    webhook = {"AuthConfiguration": token, "RoleArn": ROLE, "MetadataHttpHeaders": ["x-topic"]}
    source = call(
        "create_event_source",
        Name="provider",
        EventBusArn=bus,
        Configuration={"WebhookEventsConfiguration": webhook},
        Tags={"team": "a"},
    )["EventSourceArn"]
    call("describe_event_source", EventSourceArn=source)
    call("update_event_source", EventSourceArn=source, Description="a provider")
    call("list_event_sources", EventBusArn=bus, NamePrefix="p", MaxResults=1)
    call(
        "rotate_webhook_credentials",
        EventSourceArn=source,
        Credential={"StaticTokenSecretValue": "another"},
    )
    return str(source)
