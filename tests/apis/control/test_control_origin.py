"""Pages that a browser loaded from elsewhere have no say here."""

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.signing import CERTIFICATE_PATH

PATHS = [
    ("GET", "/_pocketbus/clock"),
    ("POST", "/_pocketbus/clock/thaw"),
    ("GET", "/_pocketbus/trace"),
    ("GET", "/_pocketbus/trace/stream"),
    ("GET", "/_pocketbus/queues"),
    ("POST", "/_pocketbus/wait"),
    ("GET", "/_aws/sqs/messages"),
    ("POST", "/_localstack/state/reset"),
]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example:4566"},
        {"host": "evil.example:4566", "origin": "http://evil.example:4566"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "[::1"},
    ],
)
async def test_a_request_on_behalf_of_another_site_is_refused(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answers = [await http.request(method, path, headers=headers) for method, path in PATHS]

    assert [(answer.status_code, list(answer.json())) for answer in answers] == [(403, ["error"])] * len(
        PATHS
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:4566", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"host": "127.0.0.1:4566"},
        {"host": "[::1]:4566"},
        {"host": "pocketbus:4566"},
        {"host": "host.docker.internal:4566"},
        {"host": "pocketbus.default.svc.cluster.local"},
        {"host": "localhost.localstack.cloud:4566"},
        {"host": "sqs.us-east-1.localhost.localstack.cloud:4566"},
        {"host": ""},
    ],
)
async def test_programs_and_pages_of_our_own_are_served(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await http.get("/_pocketbus/clock", headers=headers)).status_code == 200


async def test_a_public_name_is_served_where_it_is_allowed() -> None:
    app = create_app(Engine(Config(control_hosts=frozenset({"bus.example.com"}))))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bus.example.com"
    ) as http:
        assert (await http.get("/_pocketbus/clock")).status_code == 200


@pytest.mark.parametrize("path", ["/health", CERTIFICATE_PATH])
async def test_health_and_the_certificate_are_for_everybody(http: httpx.AsyncClient, path: str) -> None:
    headers = {"host": "sns.us-east-1.amazonaws.com", "origin": "http://elsewhere.example"}

    assert (await http.get(path, headers=headers)).status_code == 200
