"""Pipes, mappings and schedules over the control paths: looked at, fed, and asked why."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus.emulator.engine import Engine

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
EXPLAIN = "/_pocketbus/explain"
ROLE = "arn:aws:iam::000000000000:role/pipe"
STREAM = {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}

Call = Callable[..., Any]


@pytest.fixture
def make(engine: Engine, http: httpx.AsyncClient) -> Call:
    """Make a resource by a request in JSON, and let the clock move."""

    async def made(service: str, path: str, **body: Any) -> Any:
        scope = f"Credential=test/20260101/us-east-1/{service}/aws4_request"
        answer = await http.post(path, json=body, headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}"})
        assert answer.status_code < 300, answer.text
        engine.advance(1)
        return answer.json()

    return made


async def pipe(make: Call, name: str = "p", **settings: Any) -> Any:
    return await make(
        "pipes",
        f"/v1/pipes/{name}",
        **{"Source": ARN("sqs", "orders"), "Target": ARN("sqs", "done"), "RoleArn": ROLE, **settings},
    )


def filters(pattern: Any) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}}


async def verdicts(http: httpx.AsyncClient, **parameters: Any) -> list[tuple[str, bool, str, str]]:
    answer = await http.post(EXPLAIN, json=parameters)
    assert answer.status_code == 200, answer.text
    return [
        (one["resource"].rpartition("/")[2], one["matches"], one["why"], one["path"])
        for one in answer.json()["verdicts"]
    ]


async def test_every_pipe_of_a_queue_is_asked_about_a_message(
    http: httpx.AsyncClient, make: Call, make_queue: Call
) -> None:
    make_queue("orders")
    await pipe(make, "all", DesiredState="STOPPED")
    await pipe(make, "large", SourceParameters=filters({"body": {"n": [{"numeric": [">", 9]}]}}))
    await pipe(make, "waits", Target=ARN("lambda", "function:f"))

    said = await verdicts(http, message='{"n": 1}', queue="orders")

    assert said[:2] == [
        ("all", False, "the pipe is STOPPED, not RUNNING: start it", ""),
        ("large", False, "body.n: found 1, wanted a number > 9", "body.n"),
    ]
    assert said[2][:2] == ("waits", True)
    assert said[2][2].startswith("Nothing runs the function f here.")
    assert (await verdicts(http, message='{"n": 10}', queue="orders"))[1] == ("large", True, "", "")


async def test_every_mapping_of_a_queue_is_asked_about_a_message_and_its_attributes(
    engine: Engine, http: httpx.AsyncClient, make: Call, make_queue: Call
) -> None:
    make_queue("orders")
    engine.functions.handle("f", lambda _event, _context: None)
    wanted = filters({"messageAttributes": {"color": {"stringValue": ["red"]}}})
    mapping = await make(
        "lambda",
        "/2015-03-31/event-source-mappings/",
        FunctionName="f",
        EventSourceArn=ARN("sqs", "orders"),
        **wanted,
    )

    def said(color: str) -> Any:
        return verdicts(http, message="x", queue="orders", attributes={"color": color})

    assert await said("red") == [(mapping["EventSourceMappingArn"].rpartition("/")[2], True, "", "")]
    ((_, matches, why, _),) = await said("blue")
    assert (matches, why) == (
        False,
        'messageAttributes.color.stringValue: found "blue", wanted "red"',
    )


async def test_a_pipe_is_asked_about_a_record(http: httpx.AsyncClient, make: Call) -> None:
    await pipe(
        make,
        Source=ARN("kinesis", "stream/s"),
        SourceParameters={**STREAM, **filters({"data": {"n": [1]}})},
    )

    assert await verdicts(http, record={"data": "eyJuIjogMX0="}, pipe="p") == [("p", True, "", "")]
    assert await verdicts(http, record={"data": "eyJuIjogMn0="}, pipe="p") == [
        ("p", False, "data.n: found 2, wanted 1", "data.n")
    ]


async def test_a_schedule_tells_when_it_is_due_and_why_not(http: httpx.AsyncClient, make: Call) -> None:
    for name, expression, state in (
        ("nightly", "cron(0 3 * * ? *)", "ENABLED"),
        ("off", "rate(1 day)", "DISABLED"),
        ("once", "at(2025-06-01T00:00:00)", "ENABLED"),
    ):
        await make(
            "scheduler",
            f"/schedules/{name}",
            ScheduleExpression=expression,
            State=state,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": ARN("sqs", "q"), "RoleArn": ROLE},
        )

    async def why(name: str, **at: str) -> tuple[bool, str]:
        ((_, matches, said, _),) = await verdicts(http, schedule=name, **at)
        return matches, said

    assert await why("nightly") == (True, "next at 2026-01-01T03:00:00.000Z")
    assert await why("nightly", at="2026-01-05T03:00:00Z") == (
        True,
        "cron(0 3 * * ? *) names 2026-01-05T03:00:00.000Z in UTC",
    )
    assert await why("nightly", at="2026-01-05T04:00:00Z") == (
        False,
        "cron(0 3 * * ? *) in UTC names 2026-01-06T03:00:00.000Z next, not 2026-01-05T04:00:00.000Z",
    )
    assert await why("off") == (False, "the schedule is disabled")
    assert await why("once") == (
        False,
        "at(2025-06-01T00:00:00) names no instant from 2026-01-01T00:00:03.000Z on",
    )


@pytest.mark.parametrize(
    ("parameters", "status", "message"),
    [
        ({"record": {}}, 400, "The parameter pipe is required."),
        ({"record": {}, "pipe": "none"}, 404, "There is no pipe none."),
        ({"schedule": "none"}, 404, "There is no schedule none in the group default."),
        (
            {"record": {}, "message": "x"},
            400,
            (
                "Give one of event (with bus), message (with topic or queue), record (with pipe), "
                "schedule (with group) and subject."
            ),
        ),
    ],
)
async def test_a_question_that_makes_no_sense_is_told(
    http: httpx.AsyncClient, parameters: Any, status: int, message: str
) -> None:
    answer = await http.post(EXPLAIN, json=parameters)

    assert (answer.status_code, answer.json()) == (status, {"error": message})


async def test_a_pipe_is_fed_and_shown(engine: Engine, http: httpx.AsyncClient, make: Call) -> None:
    await pipe(make, Source=ARN("kinesis", "stream/s"), SourceParameters=STREAM, DesiredState="STOPPED")

    answer = await http.post("/_pocketbus/pipes/p/records", json={"records": [{"eventID": "1"}, {}]})

    first, second = answer.json()["records"]
    assert (first, len(second)) == ("1", 36)
    (shown,) = (await http.get("/_pocketbus/pipes")).json()["pipes"]
    assert (shown["name"], shown["state"], shown["reads"], shown["fed"]) == ("p", "STOPPED", False, 2)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "Give records, a list of objects as the source would give them."),
        ({"records": [1]}, 400, "Give records, a list of objects as the source would give them."),
        ({"records": [{}] * 10_001}, 400, "No more than 10000 records can be fed at a time."),
        (
            {"records": [json.loads('{"a":' * 101 + "1" + "}" * 101)]},
            400,
            "A record is no JSON object, or nested too deeply.",
        ),
        ({"record": {}}, 400, "There is no parameter record; there are records, account, region."),
    ],
)
async def test_what_is_no_list_of_records_is_not_fed(
    http: httpx.AsyncClient, make: Call, body: Any, status: int, message: str
) -> None:
    await pipe(make, Source=ARN("kinesis", "stream/s"), SourceParameters=STREAM)

    answer = await http.post("/_pocketbus/pipes/p/records", json=body)

    assert (answer.status_code, answer.json()) == (status, {"error": message})


async def test_no_more_than_so_many_records_wait_in_a_pipe(
    http: httpx.AsyncClient, make: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pocketbus.emulator.pipes.pipe.MOST_FED", 2)
    await pipe(make, Source=ARN("kinesis", "stream/s"), SourceParameters=STREAM, DesiredState="STOPPED")

    for _ in range(2):
        assert (await http.post("/_pocketbus/pipes/p/records", json={"records": [{}]})).status_code == 200
    answer = await http.post("/_pocketbus/pipes/p/records", json={"records": [{}]})

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "No more than 2 records can wait in a pipe."},
    )


async def test_a_pipe_of_a_queue_is_not_fed(http: httpx.AsyncClient, make: Call, make_queue: Call) -> None:
    make_queue("orders")
    await pipe(make)

    answer = await http.post("/_pocketbus/pipes/p/records", json={"records": []})

    assert answer.json() == {"error": "The source of p is a queue: send the messages there."}
