"""Somebody else's web page: what its browser sends here is refused before anything happens."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.control.app import create_control
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.signing import CERTIFICATE_PATH

CHROMIUM = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
QUEUE = "/000000000000/orders"
TOPIC = "arn:aws:sns:us-east-1:000000000000:news"
IMAGE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
CONTROL = [
    ("GET", "/_pocketbus/clock"),
    ("POST", "/_pocketbus/clock/thaw"),
    ("GET", "/_pocketbus/trace"),
    ("GET", "/_pocketbus/trace/stream"),
    ("GET", "/_pocketbus/queues"),
    ("POST", "/_pocketbus/wait"),
    ("GET", "/_aws/sqs/messages"),
    ("POST", "/_localstack/state/reset"),
]
PROGRAM: dict[str, str] = {}
Headers = Mapping[str, str]


def client(**settings: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(Engine(Config(seed=1, **settings))))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:4566")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A server with a queue that holds one message, and a topic."""
    async with client() as http:
        await query(http, PROGRAM, Action="CreateQueue", QueueName="orders")
        await query(http, PROGRAM, QUEUE, Action="SendMessage", MessageBody="kept")
        await query(http, PROGRAM, Action="CreateTopic", Name="news")
        yield http


async def query(
    http: httpx.AsyncClient, headers: Headers, path: str = "/", **parameters: str
) -> httpx.Response:
    return await http.get(path, params=parameters, headers=headers)


async def bodies(http: httpx.AsyncClient) -> list[str]:
    return [
        message["body"]
        for message in (await http.get("/_pocketbus/messages?queue=orders")).json()["messages"]
    ]


async def subscriptions(http: httpx.AsyncClient) -> list[str]:
    return [one["endpoint"] for one in (await http.get("/_pocketbus/subscriptions")).json()["subscriptions"]]


async def test_a_form_of_another_page_sends_nothing(http: httpx.AsyncClient) -> None:
    headers = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}

    answer = await http.post(QUEUE, data={"Action": "SendMessage", "MessageBody": "forged"}, headers=headers)

    assert answer.status_code == 403
    assert await bodies(http) == ["kept"]


async def test_a_text_of_another_page_is_no_action(http: httpx.AsyncClient) -> None:
    headers = {"origin": "http://evil.example", "content-type": "text/plain"}

    answer = await http.post(QUEUE, content="Action=SendMessage&MessageBody=forged", headers=headers)

    assert answer.status_code == 403
    assert await bodies(http) == ["kept"]


@pytest.mark.parametrize("action", ["PurgeQueue", "DeleteQueue", "ReceiveMessage"])
@pytest.mark.parametrize(
    "headers",
    [
        IMAGE,
        LINK,
        {**LINK, "sec-fetch-dest": "iframe"},
        {**LINK, "sec-fetch-site": "same-site", "host": "pocketbus.lan:4566"},
        {"host": "0.0.0.0:4566", "user-agent": CHROMIUM},
        {"host": "172.17.0.2:4566", "user-agent": CHROMIUM},
    ],
    ids=["image", "link", "frame", "neighbour", "old browser", "where browsers do not tell"],
)
async def test_an_address_in_another_page_touches_no_queue(
    http: httpx.AsyncClient, headers: Headers, action: str
) -> None:
    answer = await query(http, headers, QUEUE, Action=action)

    assert answer.status_code == 403
    assert await bodies(http) == ["kept"]
    assert (await query(http, PROGRAM, QUEUE, Action="ReceiveMessage")).text.count("<Message>") == 1


@pytest.mark.parametrize("headers", [IMAGE, LINK, {"origin": "null"}])
async def test_another_page_subscribes_nothing(http: httpx.AsyncClient, headers: Headers) -> None:
    answer = await query(
        http, headers, Action="Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint="http://127.0.0.1:1/"
    )

    assert answer.status_code == 403
    assert await subscriptions(http) == []


@pytest.mark.parametrize(
    "host", ["evil.example:4566", "127.0.0.1.evil.example", "amazonaws.com.evil.example", "[::1"]
)
async def test_a_name_made_to_point_here_reads_nothing(http: httpx.AsyncClient, host: str) -> None:
    answer = await query(http, {"host": host}, QUEUE, Action="ReceiveMessage")

    assert answer.status_code == 403
    assert "kept" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost.evil.example:4566"},
        {"origin": "null"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site"},
        {"host": "pocketbus.lan:4566", "sec-fetch-site": "same-site"},
        {"host": "evil.example:4566"},
        {"host": "evil.example:4566", "origin": "http://evil.example:4566"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "[::1"},
    ],
)
async def test_the_control_paths_do_not_serve_another_page(http: httpx.AsyncClient, headers: Headers) -> None:
    answers = [await http.request(method, path, headers=headers) for method, path in CONTROL]

    assert [(answer.status_code, list(answer.json())) for answer in answers] == [(403, ["error"])] * 8


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_no_method_passes(http: httpx.AsyncClient, method: str) -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}

    answer = await http.request(method, f"{QUEUE}?Action=PurgeQueue", headers=headers)

    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
    assert await bodies(http) == ["kept"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:4566", "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"},
        {"origin": "https://app.localhost"},
        {"origin": "http://127.1.2.3:8000", "sec-fetch-site": "cross-site"},
        {"origin": "http://[::1]:3000"},
        {"host": "pocketbus:4566", "origin": "http://pocketbus:4566"},
        {"sec-fetch-site": "same-origin", "user-agent": CHROMIUM},
        {"sec-fetch-site": "none", "user-agent": CHROMIUM},
        {"sec-fetch-site": "same-site", "user-agent": CHROMIUM},
        {"sec-fetch-mode": "cors", "user-agent": "node"},
        {"host": "127.0.0.1:4566"},
        {"host": "[::1]:4566"},
        {"host": "192.168.1.5:4566"},
        {"host": "pocketbus:4566"},
        {"host": "LOCALHOST.:4566"},
        {"host": "host.docker.internal:4566"},
        {"host": "pocketbus.team.svc:4566"},
        {"host": "pocketbus.default.svc.cluster.local"},
        {"host": "localhost.localstack.cloud:4566"},
        {"host": "sqs.us-east-1.localhost.localstack.cloud:4566"},
        {"host": "sns.us-east-1.amazonaws.com"},
        {"host": "us-east-1.queue.amazonaws.com"},
        {"host": "sqs.cn-north-1.amazonaws.com.cn"},
        {"host": "sqs.us-east-1.api.aws"},
        {"host": ""},
    ],
)
async def test_programs_and_pages_of_the_machine_are_served(
    http: httpx.AsyncClient, headers: Headers
) -> None:
    assert (await http.get("/_pocketbus/clock", headers=headers)).status_code == 200
    assert (await query(http, headers, Action="ListQueues")).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "headers"),
    [
        ({"allow_origins": frozenset({"https://app.example.com"})}, {"origin": "https://app.example.com"}),
        ({"allow_origins": frozenset({"null"})}, {"origin": "null"}),
        ({"allow_origins": frozenset({"*"})}, {"origin": "http://elsewhere.example"}),
        ({"allow_origins": frozenset({"*"})}, IMAGE),
        ({"allow_hosts": frozenset({"bus.example.com"})}, {"host": "bus.example.com:4566"}),
        ({"allow_hosts": frozenset({"bus.example.com"})}, {"host": "sqs.us-east-1.bus.example.com"}),
        (
            {"allow_hosts": frozenset({"bus.example.com"})},
            {"host": "bus.example.com", "origin": "https://bus.example.com"},
        ),
        ({"allow_hosts": frozenset({"*"})}, {"host": "elsewhere.example"}),
    ],
)
async def test_what_is_listed_is_served(allowed: dict[str, frozenset[str]], headers: Headers) -> None:
    async with client(**allowed) as http:
        assert (await http.get("/_pocketbus/clock", headers=headers)).status_code == 200
        assert (await query(http, headers, Action="ListQueues")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://app.example.com"},
        {"origin": "https://app.example.com:8443"},
        {"origin": "https://www.app.example.com"},
        {"host": "app.example.com"},
    ],
)
async def test_what_resembles_a_listed_origin_is_not_listed(headers: Headers) -> None:
    async with client(allow_origins=frozenset({"https://app.example.com"})) as http:
        assert (await query(http, headers, Action="ListQueues")).status_code == 403


@pytest.mark.parametrize(
    ("headers", "how"),
    [
        ({"origin": "https://app.example.com"}, "--allow-origins https://app.example.com"),
        ({"host": "bus.example.com:4566"}, "--allow-hosts bus.example.com"),
        (IMAGE, "--allow-origins"),
    ],
)
async def test_a_refusal_says_how_to_allow_in_the_words_of_each_protocol(
    http: httpx.AsyncClient, headers: Headers, how: str
) -> None:
    target = {"x-amz-target": "AmazonSQS.ListQueues", "content-type": "application/x-amz-json-1.0"}

    as_json = (await http.post("/", content=b"{}", headers={**target, **headers})).json()
    as_xml = (await query(http, headers, Action="ListQueues")).text
    of_control = (await http.get("/_pocketbus/clock", headers=headers)).json()

    assert how in as_json["message"]
    assert as_json["__type"] == "AccessDenied"
    assert how in as_xml
    assert "<Code>AccessDenied</Code>" in as_xml
    assert how in of_control["error"]


async def test_what_is_refused_is_told_in_the_log_once(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await query(http, {"origin": "https://app.example.com"}, Action="ListQueues")

    assert [record.message.count("--allow-origins https://app.example.com") for record in caplog.records] == [
        1
    ]


@pytest.mark.parametrize("headers", [LINK, {"host": "192.168.1.5:4566", "user-agent": CHROMIUM}])
async def test_a_link_that_is_followed_confirms_and_unsubscribes(
    http: httpx.AsyncClient, headers: Headers
) -> None:
    queue_arn = "arn:aws:sqs:us-east-1:000000000000:orders"
    await query(http, PROGRAM, Action="Subscribe", TopicArn=TOPIC, Protocol="sqs", Endpoint=queue_arn)
    listed = (await http.get("/_pocketbus/subscriptions")).json()["subscriptions"]

    confirmed = await query(http, headers, Action="ConfirmSubscription", TopicArn=TOPIC, Token="unknown")
    left = await query(http, headers, Action="Unsubscribe", SubscriptionArn=listed[0]["arn"])

    assert (confirmed.status_code, "<Code>InvalidParameter</Code>" in confirmed.text) == (400, True)
    assert left.status_code == 200
    assert await subscriptions(http) == []


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (IMAGE, "/?Action=Unsubscribe&SubscriptionArn={arn}"),
        ({**LINK, "sec-fetch-dest": "iframe"}, "/?Action=Unsubscribe&SubscriptionArn={arn}"),
        (LINK, "/?Action=Publish&Action=Unsubscribe&SubscriptionArn={arn}"),
        (LINK, "/?Action=Publish&Message=x&TopicArn={arn}"),
        (LINK, "/_pocketbus/queues"),
        (LINK, "/?x=%ff&Action=Unsubscribe"),
    ],
)
async def test_nothing_else_is_a_link(http: httpx.AsyncClient, headers: Headers, address: str) -> None:
    assert (await http.get(address.format(arn=f"{TOPIC}:1"), headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["/health", CERTIFICATE_PATH])
async def test_health_and_the_certificate_are_for_everybody(http: httpx.AsyncClient, path: str) -> None:
    for headers in ({"host": "bus.example.com"}, {"origin": "http://elsewhere.example"}, IMAGE):
        answer = await http.get(path, headers=headers)

        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (200, False)


async def test_reading_a_control_path_changes_nothing() -> None:
    engine = Engine(Config(seed=1))
    engine.freeze()
    control: Any = create_control(engine, ["sqs"])
    paths = [route.path for route in control.routes if "GET" in (route.methods or ())]
    transport = httpx.ASGITransport(create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4566") as http:
        await query(http, PROGRAM, Action="CreateQueue", QueueName="orders")
        await query(http, PROGRAM, QUEUE, Action="SendMessage", MessageBody="kept")
        before = (await http.get("/_pocketbus/state")).json()

        for path in paths:
            for parameters in ({}, {"queue": "orders"}, {"queue": "orders", "timeout": "0"}):
                if not path.endswith(("/stream", "/changes", "/next")):  # they wait for what comes
                    await http.get(path, params=parameters)

        after = (await http.get("/_pocketbus/state")).json()
    request_ids = {"ids", "digest"}
    assert len(paths) > 15
    assert {k: v for k, v in after.items() if k not in request_ids} == {
        k: v for k, v in before.items() if k not in request_ids
    }
