"""Lambda's Runtime API: workers that attach, each with one invocation at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.time.clock import system_time
from tests.apis.awslambda.conftest import FUNCTION

BASE = "/_pocketbus/functions/orders"
RUNTIME = f"{BASE}/2018-06-01/runtime"
INVOKE = "/2015-03-31/functions/orders/invocations"
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, Signature=x"
}


class Server:
    """An engine whose clock stands still, over ASGI."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        transport = httpx.ASGITransport(app=create_app(engine))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self._background: set[asyncio.Task[Any]] = set()

    def begin(self, awaitable: Awaitable[Any]) -> "asyncio.Task[Any]":
        task = asyncio.ensure_future(awaitable)
        self._background.add(task)
        return task

    async def worker(
        self, name: str = "", arn: str = FUNCTION, **headers: str
    ) -> "asyncio.Task[httpx.Response]":
        """Let a worker ask for the next invocation."""
        attached = self.engine.functions.at(arn).attached
        idle = attached.idle
        path = f"/_pocketbus/functions/{arn}/2018-06-01/runtime/invocation/next"
        task = self.begin(self.http.get(path, headers={"Pocketbus-Worker": name, **headers}))
        await until(lambda: attached.idle != idle or task.done())
        return task

    @property
    def function(self) -> Any:
        return self.engine.functions.at(FUNCTION).attached

    def invoke(self, content: bytes = b"{}", **headers: str) -> "asyncio.Task[httpx.Response]":
        return self.begin(self.http.post(INVOKE, content=content, headers={**SIGNED, **headers}))

    async def post(self, request_id: str, what: str, content: Any) -> httpx.Response:
        return await self.http.post(f"{RUNTIME}/invocation/{request_id}/{what}", json=content)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    engine = Engine(Config(seed=1))
    engine.freeze()
    engine.clock.set(1_767_225_600)
    async with engine:
        server = Server(engine)
        async with server.http:
            yield server


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0)
    pytest.fail("it did not come")


async def given(worker: "asyncio.Task[httpx.Response]") -> tuple[str, httpx.Response]:
    answer = await worker
    assert answer.status_code == 200
    return answer.headers["Lambda-Runtime-Aws-Request-Id"], answer


async def test_a_worker_gets_an_invocation_and_posts_its_result(server: Server) -> None:
    worker = await server.worker()
    invocation = server.invoke(b'{"n": 1}', **{"X-Amz-Client-Context": "e30="})
    request_id, handed = await given(worker)

    assert handed.content == b'{"n": 1}'
    assert handed.headers["Lambda-Runtime-Invoked-Function-Arn"] == FUNCTION
    assert handed.headers["Lambda-Runtime-Client-Context"] == "e30="
    deadline = int(handed.headers["Lambda-Runtime-Deadline-Ms"]) / 1000
    assert 890 < deadline - system_time() <= 900
    posted = await server.post(request_id, "response", {"ok": True})
    assert (posted.status_code, posted.json()) == (202, {"status": "OK"})
    answer = await invocation
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


async def test_a_worker_that_posts_an_error_has_failed(server: Server) -> None:
    worker = await server.worker()
    invocation = server.invoke()
    request_id, _ = await given(worker)
    await server.post(request_id, "error", {"errorType": "KeyError", "errorMessage": "price"})

    answer = await invocation
    assert (answer.status_code, answer.headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert answer.json()["errorType"] == "KeyError"


async def test_an_invocation_waits_for_a_free_worker(server: Server) -> None:
    first_worker = await server.worker()
    first, second = server.invoke(b"1"), server.invoke(b"2")
    request_id, handed = await given(first_worker)
    assert handed.content == b"1"
    again = await server.worker()
    another_id, handed = await given(again)
    assert handed.content == b"2"
    await server.post(another_id, "response", 2)
    await server.post(request_id, "response", 1)

    assert ((await first).json(), (await second).json()) == (1, 2)


async def test_a_worker_that_takes_too_long_has_timed_out(server: Server) -> None:
    create = {
        "FunctionName": "orders",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Runtime": "python3.13",
        "Handler": "a.b",
        "Timeout": 30,
        "Code": {"ZipFile": "emlw"},
    }
    assert (await server.http.post("/2015-03-31/functions", json=create, headers=SIGNED)).status_code == 201
    worker = await server.worker()
    invocation = server.invoke()
    request_id, _ = await given(worker)
    server.engine.advance(29)
    assert not invocation.done()
    server.engine.advance(1)

    answer = await invocation
    assert answer.json() == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 30.00 seconds",
    }
    late = await server.post(request_id, "response", {})
    assert late.status_code == 202


async def test_a_worker_without_a_timeout_takes_as_long_as_it_likes(server: Server) -> None:
    worker = await server.worker(**{"Pocketbus-Timeout": "off"})
    invocation = server.invoke()
    request_id, _ = await given(worker)
    server.engine.advance(100_000)
    await server.post(request_id, "response", "at last")

    assert (await invocation).json() == "at last"


async def test_what_a_worker_had_that_has_ended_has_failed(server: Server) -> None:
    worker = await server.worker("w")
    invocation = server.invoke()
    request_id, _ = await given(worker)
    await server.http.delete(f"{BASE}/workers/w?reason=Runtime exited with error: exit status 7")

    assert (await invocation).json() == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: exit status 7",
    }
    assert server.engine.functions.workers(FUNCTION) is None


async def test_a_worker_that_waits_is_sent_away_when_it_has_ended(server: Server) -> None:
    worker = await server.worker("w")
    await server.http.delete(f"{BASE}/workers/w")

    assert (await worker).status_code == 503
    told = [(record.verb, record.subject, record.why) for record in server.engine.trace]
    assert told == [("attached", "w", "a worker asks for invocations"), ("detached", "w", "Runtime exited")]


async def test_an_invocation_whose_worker_went_away_before_it_heard_goes_to_another_one(
    server: Server,
) -> None:
    lost = asyncio.ensure_future(server.function.next("lost"))
    await asyncio.sleep(0)
    invocation = server.invoke(b'"x"')
    await until(lambda: not server.function.idle)
    lost.cancel()
    worker = await server.worker()
    request_id, handed = await given(worker)
    assert handed.content == b'"x"'
    await server.post(request_id, "response", "done")

    assert (await invocation).json() == "done"


async def test_an_id_that_never_was_is_refused(server: Server) -> None:
    answer = await server.post("made-up", "response", {})

    assert (answer.status_code, answer.json()["errorType"]) == (400, "InvalidRequestID")


async def test_a_result_that_is_too_large_is_a_failure(server: Server) -> None:
    worker = await server.worker()
    invocation = server.invoke()
    request_id, _ = await given(worker)
    posted = await server.post(request_id, "response", "x" * 6_300_000)

    assert posted.status_code == 413
    assert (await invocation).json()["errorType"] == "Function.ResponseSizeTooLarge"


async def test_a_worker_that_cannot_begin_says_why(server: Server) -> None:
    answer = await server.http.post(
        f"{RUNTIME}/init/error",
        json={"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'app'"},
    )

    assert answer.status_code == 202
    (record,) = [one for one in server.engine.trace if one.verb == "failed"]
    assert record.why == "the function failed: Runtime.ImportModuleError: No module named 'app'"


async def test_a_function_of_another_account_is_named_by_its_arn(server: Server) -> None:
    arn = "arn:aws:lambda:eu-west-1:111111111111:function:orders"
    worker = await server.worker(arn=arn)
    credential = SIGNED["Authorization"].replace("test/", "111111111111/").replace("us-east-1", "eu-west-1")
    invocation = server.begin(server.http.post(INVOKE, content=b"{}", headers={"Authorization": credential}))
    request_id, handed = await given(worker)
    assert handed.headers["Lambda-Runtime-Invoked-Function-Arn"] == arn
    await server.http.post(
        f"/_pocketbus/functions/{arn}/2018-06-01/runtime/invocation/{request_id}/response", content=b"1"
    )
    assert (await invocation).json() == 1
    wrong = await server.http.get("/_pocketbus/functions/arn:aws:sqs:a:b:c/code")
    assert wrong.status_code == 404


async def test_the_code_that_was_uploaded_can_be_fetched(server: Server) -> None:
    create = {
        "FunctionName": "orders",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Runtime": "python3.13",
        "Handler": "a.b",
        "Code": {"ZipFile": "emlw"},
    }
    await server.http.post("/2015-03-31/functions", json=create, headers=SIGNED)
    found = await server.http.get("/2015-03-31/functions/orders", headers=SIGNED)

    code = await server.http.get(json.loads(found.content)["Code"]["Location"])
    assert (code.status_code, code.content) == (200, b"zip")
    assert (await server.http.get("/_pocketbus/functions/missing/code")).status_code == 404


async def test_workers_are_sent_away_when_the_server_ends(server: Server) -> None:
    worker = await server.worker()
    server.engine.release_waiters()

    assert (await worker).status_code == 503
