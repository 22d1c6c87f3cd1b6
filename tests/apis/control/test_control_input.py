"""What the control paths refuse: it never gets into the state, and the answer says what is wrong."""

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pocketbus.apis.endpoint import MAX_BODY
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import VERBS
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic_settings import TopicSettings

ROOT = Path(__file__).parents[3]
OPT_OUTS = "/_aws/sns/phone-opt-outs"
NUMBER = "+15551234567"


async def refused(http: httpx.AsyncClient, path: str, content: Any, status: int = 400) -> str:
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    answer = await http.post(path, content=body)
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"phoneNumber": NUMBER, "accountId": 5}, "The parameter accountId is not valid"),
        ({"phoneNumber": NUMBER, "accountId": "me"}, "which has 12 digits"),
        ({"phoneNumber": NUMBER, "accountId": ["1"]}, "no single value"),
        ({"phoneNumber": NUMBER, "region": 7.5}, "is not the name of a region"),
        ({"phoneNumber": "nobody"}, "no phone number"),
        ({}, "phoneNumber is required"),
        ("{", "The body is no JSON"),
        ("[]", "no JSON object"),
        ("[" * 100_000, "The body is no JSON"),
        (b"\xff\xfe\xff", "The body is no JSON"),
    ],
)
async def test_an_opt_out_that_means_nobody_is_refused_and_the_state_stays_whole(
    http: httpx.AsyncClient, body: Any, error: str
) -> None:
    assert error in await refused(http, OPT_OUTS, body)
    assert (await http.get("/_pocketbus/state")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [OPT_OUTS, "/_pocketbus/faults", "/_pocketbus/wait", "/_pocketbus/explain", "/_pocketbus/clock/advance"],
)
async def test_a_body_that_is_too_long_is_refused(http: httpx.AsyncClient, path: str) -> None:
    assert "longer than" in await refused(http, path, b" " * (MAX_BODY + 1), 413)


def test_no_control_path_reads_a_body_without_a_bound() -> None:
    unbounded = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "apis/control").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "request"
        and node.func.attr in {"json", "body", "form", "stream"}
    ]

    assert unbounded == []


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
async def test_a_number_that_json_does_not_have_is_refused(http: httpx.AsyncClient, number: str) -> None:
    body = f'{{"kind": "throttle", "probability": {number}}}'

    assert "The body is no JSON" in await refused(http, "/_pocketbus/faults", body)


@pytest.mark.parametrize("number", ["Infinity", "nan", "1e999", 10**400, "-1"])
async def test_such_a_number_as_text_is_refused(http: httpx.AsyncClient, number: str | int) -> None:
    for name in ("seconds", "probability"):
        await refused(http, "/_pocketbus/faults", {"kind": "throttle", name: number})
    await refused(http, "/_pocketbus/clock/set", {"at": number})


@pytest.mark.parametrize("path", ["trace", "trace/stream", "wait?trace=true"])
async def test_a_verb_that_no_record_has_is_refused_with_those_there_are(
    http: httpx.AsyncClient, path: str
) -> None:
    answer = await http.get(
        f"/_pocketbus/{path}", params={"verb": "sentt", "trace": "true"} if "?" in path else {"verb": "sentt"}
    )

    assert answer.status_code == 400
    assert "'sentt' is no verb of the trace; there are accepted, appeared, archived" in answer.json()["error"]


async def test_a_state_that_no_message_has_is_refused_with_those_there_are(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    make_queue()

    answer = await http.get("/_pocketbus/messages", params={"queue": "orders", "state": "inflight"})

    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "'inflight' is no state of a message; there are ready, delayed, in_flight.",
    )


@pytest.mark.parametrize("name", ["account", "region"])
@pytest.mark.parametrize("path", ["queues", "outbox", "messages?queue=orders", "state"])
async def test_an_account_or_a_region_that_cannot_be_is_refused(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue], path: str, name: str
) -> None:
    make_queue()
    answer = await http.get(f"/_pocketbus/{path}{'&' if '?' in path else '?'}{name}=Nobody!")

    assert answer.status_code == 400


def test_every_verb_that_is_recorded_is_a_verb_of_the_trace() -> None:
    recorded = {
        node.args[1].value
        for path in (ROOT / "emulator").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"record", "note"}
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }

    assert recorded - VERBS == set()


async def test_the_lists_take_an_account_and_a_region(
    http: httpx.AsyncClient, engine: Engine, make_queue: Callable[..., Queue]
) -> None:
    make_queue(region="us-east-1")
    make_queue(region="eu-west-1")
    other = engine.scope("111111111111", "eu-west-1")
    other.sns.create_topic("news", TopicSettings(), {})
    engine.outbox.capture(
        Captured(0.0, "sms", "", NUMBER, "hi", {"account": "111111111111", "region": "eu-west-1"}, "")
    )

    async def seen(noun: str, **place: str) -> list[str]:
        answer = await http.get(f"/_pocketbus/{noun}", params=place)
        return [one.get("arn", one.get("target")) for one in answer.json()[noun]]

    assert await seen("queues", region="eu-west-1") == ["arn:aws:sqs:eu-west-1:000000000000:orders"]
    assert await seen("queues", account="111111111111") == []
    assert len(await seen("queues")) == 2
    assert await seen("topics", account="111111111111") == ["arn:aws:sns:eu-west-1:111111111111:news"]
    assert await seen("topics", region="us-east-1") == []
    assert await seen("buses", account="111111111111") == [
        "arn:aws:events:eu-west-1:111111111111:event-bus/default"
    ]
    assert await seen("outbox", account="111111111111") == [NUMBER]
    assert await seen("outbox", account="000000000000") == []
