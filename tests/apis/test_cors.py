"""CORS as AWS has it: what a page of an allowed origin may send, and read of the answer."""

from collections.abc import AsyncIterator

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine

ORIGIN = "http://localhost:3000"
EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(Engine(Config(seed=1))))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4566") as client:
        yield client


def cors(answer: httpx.Response) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()
        if name.startswith("access-control-") or name == "vary"
    }


SHARED = {
    "access-control-allow-origin": ORIGIN,
    "access-control-expose-headers": EXPOSED,
    "vary": "Origin",
}


@pytest.mark.parametrize("path", ["/", "/000000000000/orders", "/_pocketbus/state"])
@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
async def test_a_preflight_is_answered_with_what_it_asks_for(
    http: httpx.AsyncClient, path: str, method: str
) -> None:
    wanted = "authorization,content-type,x-amz-target,amz-sdk-invocation-id,amz-sdk-request,x-amz-user-agent"
    headers = {
        "origin": ORIGIN,
        "access-control-request-method": method,
        "access-control-request-headers": wanted,
    }

    answer = await http.options(path, headers=headers)

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert "x-amzn-requestid" in answer.headers
    assert cors(answer) == {
        **SHARED,
        "access-control-allow-headers": wanted,
        "access-control-allow-methods": method,
        "access-control-max-age": "172800",
    }


async def test_a_preflight_that_asks_for_no_headers_is_granted_none(http: httpx.AsyncClient) -> None:
    answer = await http.options("/", headers={"origin": ORIGIN, "access-control-request-method": "POST"})

    assert "access-control-allow-headers" not in answer.headers


async def test_a_page_of_the_network_may_ask_for_the_machine_if_its_origin_is_allowed(
    http: httpx.AsyncClient,
) -> None:
    headers = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-private-network": "true",
    }

    answer = await http.options("/", headers=headers)

    assert answer.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("service", "target", "body", "status"),
    [
        ("sqs", "AmazonSQS.ListQueues", "{}", 200),
        ("sqs", "AmazonSQS.GetQueueUrl", '{"QueueName":"none"}', 400),
        ("events", "AWSEvents.ListRules", "{}", 200),
        ("events", "AWSEvents.DescribeRule", '{"Name":"none"}', 400),
        ("sqs", "AmazonSQS.Unheard", "{}", 400),
        ("sqs", "AmazonSQS.SendMessage", "{", 400),
    ],
)
async def test_answers_and_errors_in_json_can_be_read(
    http: httpx.AsyncClient, service: str, target: str, body: str, status: int
) -> None:
    headers = {"origin": ORIGIN, "x-amz-target": target, "content-type": "application/x-amz-json-1.0"}

    answer = await http.post("/", content=body, headers=headers)

    assert (answer.status_code, cors(answer)) == (status, SHARED)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"Action": "ListTopics"}, 200),
        ({"Action": "GetTopicAttributes", "TopicArn": "arn:aws:sns:us-east-1:000000000000:none"}, 404),
        ({"Action": "GetCallerIdentity"}, 200),
        ({"Action": "ListQueues"}, 200),
        ({"Action": "Unheard"}, 400),
        ({}, 400),
    ],
)
async def test_answers_and_errors_in_xml_can_be_read(
    http: httpx.AsyncClient, parameters: dict[str, str], status: int
) -> None:
    answer = await http.post("/", data=parameters, headers={"origin": ORIGIN})

    assert (answer.status_code, cors(answer)) == (status, SHARED)


async def test_an_answer_that_was_waited_for_can_be_read(http: httpx.AsyncClient) -> None:
    await http.post("/", data={"Action": "CreateQueue", "QueueName": "orders"})
    poll = {"Action": "ReceiveMessage", "WaitTimeSeconds": "1"}
    await http.post("/000000000000/orders", data={"Action": "SendMessage", "MessageBody": "hello"})

    answer = await http.post("/000000000000/orders", data=poll, headers={"origin": ORIGIN})

    assert "<Body>hello</Body>" in answer.text
    assert cors(answer) == SHARED


@pytest.mark.parametrize(
    ("path", "status"), [("/_pocketbus/clock", 200), ("/_pocketbus/none", 404), ("/health", 200)]
)
async def test_the_control_paths_can_be_read(http: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await http.get(path, headers={"origin": ORIGIN})

    assert (answer.status_code, cors(answer)) == (status, SHARED)


async def test_who_names_no_origin_is_told_nothing_of_it(http: httpx.AsyncClient) -> None:
    assert cors(await http.get("/?Action=ListQueues")) == {}
    assert cors(await http.get("/_pocketbus/clock")) == {}
