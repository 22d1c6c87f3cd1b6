"""EventBridge's Custom Event Bus by boto3 and by the AWS CLI, every operation, against the command over a socket."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from awscli.clidriver import create_clidriver
from botocore import xform_name
from botocore.loaders import Loader
from cbor2 import dumps, loads

from tests.end_to_end.conftest import Server

Connect = Callable[..., Any]

OPERATIONS = frozenset(Loader().load_service_model("eventbridgev2", "service-2")["operations"])
NAME = "eventbridgev2"
"""As version 1 of the AWS CLI calls it; version 2 says `eventsv2`."""

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "111111111111"},
                "Action": "events:PutEvents",
                "Resource": "*",
            }
        ],
    }
)


def everything(call: Callable[..., Any], account: str, when_active: Callable[[str], None]) -> Any:
    """Do each operation once; return what the queue of a subscriber got."""
    role = f"arn:aws:iam::{account}:role/subscriber"
    bus = call("CreateEventBus", Name="shop", Tags={"team": "a b"})["EventBusArn"]
    when_active(bus)
    call("DescribeEventBus", EventBusArn=bus)
    call("UpdateEventBus", EventBusArn=bus, StorageConfiguration={"RetentionPeriodInDays": 2})
    assert [one["Name"] for one in call("ListEventBuses")["EventBuses"]] == ["shop"]
    subscriber = call(
        "CreateSubscriber",
        Name="billing",
        EventBusArn=bus,
        InvokeConfiguration={"TargetArn": f"arn:aws:sqs:us-east-1:{account}:q", "RoleArn": role},
        FilterConfiguration={"Filters": [{"Scope": "DATA", "Pattern": '{"source": ["shöp"]}'}]},
    )["SubscriberArn"]
    call("DescribeSubscriber", SubscriberArn=subscriber)
    call("UpdateSubscriber", SubscriberArn=subscriber, Description="bills")
    assert len(call("ListSubscribers", EventBusArn=bus)["Subscribers"]) == 1
    entry = {"Source": "shöp", "DetailType": "placed", "Detail": '{"order": 7}'}
    assert call("PutEvents", EventBusArn=bus, Entries=[entry])["FailedEntryCount"] == 0
    token = {"StaticTokenAuthConfiguration": {"TokenHttpHeader": "x-token", "SecretValue": "secret"}}
    webhook = {"WebhookEventsConfiguration": {"AuthConfiguration": token, "RoleArn": role}}
    source = call("CreateEventSource", Name="provider", EventBusArn=bus, Configuration=webhook)
    source = source["EventSourceArn"]
    call("DescribeEventSource", EventSourceArn=source)
    call("UpdateEventSource", EventSourceArn=source, Description="d")
    assert len(call("ListEventSources")["EventSources"]) == 1
    call("RotateWebhookCredentials", EventSourceArn=source, Credential={"StaticTokenSecretValue": "another"})
    call("TagResource", ResourceArn=source, Tags={"cost": "1"})
    assert call("ListTagsForResource", ResourceArn=source)["Tags"] == {"cost": "1"}
    call("UntagResource", ResourceArn=source, TagKeys=["cost"])
    call("PutResourcePolicy", ResourceArn=bus, PolicyDocument=POLICY)
    assert call("GetResourcePolicy", ResourceArn=bus)["PolicyDocument"] == POLICY
    assert len(call("ListResourcePolicies", ResourceArn=bus)["PolicySummaries"]) == 1
    call("DeleteResourcePolicy", ResourceArn=bus)
    call("RevokeResource", Arn=source)
    call("DeleteEventSource", EventSourceArn=source)
    call("DeleteSubscriber", SubscriberArn=subscriber)
    call("DeleteEventBus", EventBusArn=bus)


def test_every_operation_works_by_boto3(connect: Connect, account: str) -> None:
    buses, sqs = connect("eventbridgev2"), connect("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    done = set()

    def call(operation: str, **params: Any) -> Any:
        done.add(operation)
        return getattr(buses, xform_name(operation))(**params)

    def when_active(bus: str) -> None:
        buses.get_waiter("event_bus_active").wait(EventBusArn=bus, WaiterConfig={"Delay": 1})
        entry = {"Data": b"\x00\xff", "SystemMetadata": {"ContentType": "application/octet-stream"}}
        call("PutRawEvents", EventBusArn=bus, Entries=[entry])

    everything(call, account, when_active)

    assert done == OPERATIONS
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"order": 7}


@pytest.fixture
def aws(
    server: Server,
    account: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Any]:
    """Do what `aws eventbridgev2 ...` does, in this process: to begin one anew for each call would take a minute."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", str(tmp_path / "config")),
        ("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials")),
        ("AWS_PAGER", ""),
    ):
        monkeypatch.setenv(name, value)
    driver = create_clidriver()

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        status = driver.main(["--endpoint-url", server.url, "--output", "json", NAME, *arguments])
        printed = capsys.readouterr()
        assert status == 0, printed.err
        return json.loads(printed.out) if printed.out.strip() else {}

    return run


def test_every_operation_works_by_the_aws_cli(aws: Callable[..., Any], account: str) -> None:
    done = set()

    def call(operation: str, **params: Any) -> Any:
        done.add(operation)
        return aws(xform_name(operation, "-"), "--cli-input-json", json.dumps(params))

    def when_active(bus: str) -> None:
        aws("wait", "event-bus-active", "--event-bus-arn", bus)
        entry = {"Data": "AP8=", "SystemMetadata": {"ContentType": "application/octet-stream"}}
        call("PutRawEvents", EventBusArn=bus, Entries=[entry])

    everything(call, account, when_active)

    assert done == OPERATIONS


def test_an_error_reaches_the_client_with_its_code(connect: Connect) -> None:
    buses = connect("eventbridgev2")
    arn = "arn:aws:events:us-east-1:000000000000:event-busv2/none/" + "0" * 25

    with pytest.raises(buses.exceptions.ResourceNotFoundException) as raised:
        buses.describe_event_bus(EventBusArn=arn)
    assert raised.value.response["Message"] == f"Event bus {arn} does not exist."


def test_an_unsigned_request_finds_its_operation_by_its_path(server: Server) -> None:
    answer = httpx.post(
        f"{server.url}/service/AWSEventsV2/operation/ListEventBuses",
        content=dumps({"MaxResults": 1}),
        headers={"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"},
    )

    assert (answer.status_code, loads(answer.content)) == (200, {"EventBuses": []})
