"""Health and reset, under our own paths and those of other emulators."""

import json
from importlib.metadata import version

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from tests.apis.asgi import ask

RUNNING = dict.fromkeys(("sqs", "sns", "events", "scheduler", "lambda", "pipes", "sts"), "running")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"
RESETS = ("/_pocketbus/reset", "/_localstack/state/reset", "/moto-api/reset")


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def app(engine: Engine) -> ASGIApp:
    return create_app(engine)


def make_queue(engine: Engine) -> None:
    engine.scope("000000000000", "us-east-1").sqs.create_queue(
        "orders", QueueSettings(), {}, engine.clock.now()
    )


async def test_health_tells_the_version_and_the_services(app: ASGIApp) -> None:
    reply = await ask(app, method="GET", path="/_pocketbus/health")

    assert (reply.status, json.loads(reply.body)) == (
        200,
        {"status": "ok", "version": version("pocketbus"), "services": RUNNING},
    )


async def test_health_has_a_plain_alias(app: ASGIApp) -> None:
    reply = await ask(app, method="GET", path="/health")

    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})


async def test_localstack_clients_find_the_services_they_wait_for(app: ASGIApp) -> None:
    reply = await ask(app, method="GET", path="/_localstack/health")

    assert (reply.status, json.loads(reply.body)["services"]) == (200, RUNNING)


async def test_localstack_health_answers_head_without_a_body(app: ASGIApp) -> None:
    assert (await ask(app, method="HEAD", path="/_localstack/health")).status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/_pocketbus/reset", "ok"), ("/_localstack/state/reset", "OK"), ("/moto-api/reset", "ok")],
)
async def test_a_reset_forgets_every_resource(app: ASGIApp, engine: Engine, path: str, status: str) -> None:
    make_queue(engine)

    reply = await ask(app, path=path)

    assert (reply.status, json.loads(reply.body)) == (200, {"status": status})
    assert QUEUE not in engine.resources


async def test_moto_refuses_other_methods_with_400(app: ASGIApp) -> None:
    assert (await ask(app, method="GET", path="/moto-api/reset")).status == 400


@pytest.mark.parametrize("path", ["/_pocketbus/reset", "/_localstack/state/reset"])
async def test_a_reset_needs_a_post(app: ASGIApp, path: str) -> None:
    assert (await ask(app, method="GET", path=path)).status == 405


@pytest.mark.parametrize("path", RESETS)
@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "null"])
async def test_a_page_from_elsewhere_cannot_reset(
    app: ASGIApp, engine: Engine, path: str, origin: str
) -> None:
    make_queue(engine)

    reply = await ask(app, path=path, headers={"origin": origin})

    assert reply.status == 403
    assert QUEUE in engine.resources


async def test_a_page_of_our_own_can_reset(app: ASGIApp) -> None:
    reply = await ask(app, path="/_pocketbus/reset", headers={"origin": "http://localhost:4566"})

    assert reply.status == 200


async def test_a_stream_is_not_opened_by_head(app: ASGIApp) -> None:
    assert (await ask(app, method="HEAD", path="/_pocketbus/trace/stream")).status == 405


async def test_an_unknown_control_path_is_not_taken_for_aws(app: ASGIApp) -> None:
    assert (await ask(app, method="GET", path="/_pocketbus/unknown")).status == 404
