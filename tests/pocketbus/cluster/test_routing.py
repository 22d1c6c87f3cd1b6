"""A request goes to the shard of the account whose resource it names, and else to that of its client."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from pocketbus.cluster.routing import account_of
from tests.apis.asgi import scope_of

MINE, OTHER, THIRD = "000000000001", "111111111111", "222222222222"
TOPIC = f"arn:aws:sns:us-east-1:{OTHER}:news"
FORM_TOPIC = TOPIC.replace(":", "%3A")
BUS = f"arn:aws:events:us-east-1:{OTHER}:event-bus/default"


def account(
    service: str | None, body: bytes = b"", target: str = "", path: str = "/", query: str = ""
) -> str:
    headers = {}
    if service is not None:
        credential = f"Credential={MINE}/20260101/us-east-1/{service}/aws4_request"
        headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}, Signature=1"
    if target:
        headers["x-amz-target"] = target
    return account_of(scope_of(path=path, query=query, headers=headers), body, "000000000000")


@pytest.mark.parametrize(
    "body",
    [
        f"Action=Publish&TopicArn={FORM_TOPIC}&Message=one",
        f"Action=Publish&Message=one&TargetArn={FORM_TOPIC}",
        f"Action=Subscribe&TopicArn={FORM_TOPIC.lower()}&Protocol=sqs&Endpoint=arn%3Aaws%3Asqs%3Aus-east-1%3A{MINE}%3Aq",
        f"Action=Unsubscribe&SubscriptionArn={FORM_TOPIC}%3A3b2a",
        f"Action=TagResource&ResourceArn={FORM_TOPIC}",
    ],
)
def test_what_names_a_topic_goes_to_the_account_of_the_topic(body: str) -> None:
    assert account("sns", body.encode()) == OTHER


def test_a_link_to_confirm_or_unsubscribe_goes_there_without_a_signature() -> None:
    query = f"Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"
    assert account(None, query=query) == OTHER


def test_a_message_that_speaks_of_a_topic_or_a_queue_leads_nowhere() -> None:
    message = f"TopicArn%3D{FORM_TOPIC}+QueueUrl+http%3A%2F%2Flocalhost%2F{OTHER}%2Forders%2F"
    assert account("sns", f"Action=Publish&PhoneNumber=1&Message={message}".encode()) == MINE


def test_a_queue_url_leads_to_the_account_in_it() -> None:
    body = json.dumps({"QueueUrl": f"http://localhost:4566/{OTHER}/orders"}).encode()
    assert account("sqs", body, "AmazonSQS.SendMessage") == OTHER
    assert account("sqs", b"Action=SendMessage", path=f"/{OTHER}/orders") == OTHER


@pytest.mark.parametrize(
    "url",
    [
        f"http://localhost:4566/{OTHER}/orders",
        f"http://localhost:4566/queue/eu-west-1/{OTHER}/orders",
        f"https://sqs.eu-west-1.localhost:4566/{OTHER}/orders",
    ],
)
def test_a_queue_url_of_any_form_leads_to_the_account_in_it(url: str) -> None:
    escaped = json.dumps({"QueueUrl": url}).replace("/", "\\/")
    assert account("sqs", escaped.encode(), "AmazonSQS.SendMessage") == OTHER
    form = urlencode({"Action": "SendMessage", "QueueUrl": url})
    assert account("sqs", form.encode()) == OTHER
    assert account("sqs", query=form) == OTHER
    assert account(None, form.encode()) == OTHER
    assert account(None, path=url.partition("4566")[2]) == OTHER


@pytest.mark.parametrize(
    ("url", "expected"), [("orders", MINE), (f"http://localhost:4566/{OTHER}/orders", OTHER)]
)
def test_a_message_that_speaks_of_a_queue_leads_nowhere(url: str, expected: str) -> None:
    message = (
        f'{{"QueueUrl": "http://localhost:4566/{THIRD}/orders"}} QueueUrl=http://localhost/{THIRD}/orders&'
    )
    request = {"MessageBody": message, "QueueUrl": url}
    assert account("sqs", json.dumps(request).encode(), "AmazonSQS.SendMessage") == expected
    assert account("sqs", urlencode(request).encode()) == expected


def test_who_asks_for_the_url_of_a_queue_may_name_its_owner() -> None:
    request = {"QueueName": "orders", "QueueOwnerAWSAccountId": OTHER}
    assert account("sqs", json.dumps(request).encode(), "AmazonSQS.GetQueueUrl") == OTHER
    assert account("sqs", urlencode({"Action": "GetQueueUrl", **request}).encode()) == OTHER


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"QueueUrl": 5}', b'{"QueueUrl": ["a"]}', b"\xff"])
def test_what_is_no_request_leads_nowhere(body: bytes) -> None:
    assert account("sqs", body, "AmazonSQS.SendMessage") == MINE


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutRule", {"Name": "r", "EventBusName": BUS}),
        ("DescribeEventBus", {"Name": BUS}),
        ("TagResource", {"ResourceARN": BUS, "Tags": []}),
        ("PutEvents", {"Entries": [{"EventBusName": BUS}, {"EventBusName": BUS}]}),
    ],
)
def test_what_names_a_bus_by_its_arn_goes_to_the_account_of_the_bus(
    operation: str, request_: dict[str, Any]
) -> None:
    assert account("events", json.dumps(request_).encode(), f"AWSEvents.{operation}") == OTHER


@pytest.mark.parametrize(
    "entries",
    [
        [{"EventBusName": BUS}, {}],
        [{"EventBusName": BUS}, {"EventBusName": BUS.replace(OTHER, THIRD)}],
        [{"Detail": json.dumps({"EventBusName": BUS})}],
        [],
        "none",
    ],
)
def test_events_for_buses_of_several_accounts_go_to_the_client_s_own(entries: Any) -> None:
    body = json.dumps({"Entries": entries}).encode()
    assert account("events", body, "AWSEvents.PutEvents") == MINE


def test_a_rule_with_a_target_elsewhere_is_its_account_s_own() -> None:
    body = json.dumps({"Rule": "r", "Targets": [{"Id": "1", "Arn": BUS}]}).encode()
    assert account("events", body, "AWSEvents.PutTargets") == MINE


@pytest.mark.parametrize(
    "named", [f"arn:aws:lambda:us-east-1:{OTHER}:function:f", f"{OTHER}:function:f", f"{OTHER}:f"]
)
def test_a_function_by_its_arn_or_a_part_of_it_leads_to_its_account(named: str) -> None:
    path = f"/2015-03-31/functions/{named}/invocations"
    assert account("lambda", path=path) == OTHER


def test_a_client_that_names_nobody_is_of_the_usual_account() -> None:
    assert account(None) == "000000000000"
    assert account("sns", b"Action=ListTopics") == MINE
