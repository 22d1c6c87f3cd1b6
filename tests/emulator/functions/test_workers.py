"""URLs that take Invoke: Lambda's own API, and the runtime interface emulator, which tells failures in its own way."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from pocketbus.emulator.deliveries.failures import TargetFailed, TargetRefused, TargetThrottled
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.functions.invocation import Invocation, Result
from pocketbus.emulator.functions.workers import AtUrl

INTERFACE_EMULATOR = "http://localhost:9000/2015-03-31/functions/function/invocations"
INVOCATION = Invocation("arn:aws:lambda:us-east-1:000000000000:function:orders", "id", b"{}")


class Http:
    """Answers as it is told, and notes the URLs that were asked for."""

    def __init__(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self._answer = HttpAnswer(status, headers or {}, body)
        self.asked: list[str] = []

    async def request(self, _method: str, url: str, *_: Any, **__: Any) -> HttpAnswer:
        self.asked.append(url)
        return self._answer


def at(url: str, http: Http) -> AtUrl:
    return AtUrl(url, "orders", http)  # type: ignore[arg-type]


async def test_lambdas_own_api_is_asked_by_the_functions_name() -> None:
    log = b64encode(b"REPORT").decode()
    http = Http(200, b'"done"', {"x-amz-log-result": log})
    workers = at("http://localhost:3001", http)

    assert await workers.run(INVOCATION) == Result(b'"done"', "", b"REPORT")
    assert http.asked == ["http://localhost:3001/2015-03-31/functions/orders/invocations"]
    assert workers.capacity == 5


async def test_its_header_tells_a_failure() -> None:
    http = Http(200, b'{"errorType": "E"}', {"x-amz-function-error": "Unhandled"})

    assert (await at("http://localhost:3001", http).run(INVOCATION)).error == "Unhandled"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"ok": true}', ""),
        (b"null", ""),
        (b"", ""),
        (b'{"errorMessage": "boom", "errorType": "ValueError", "stackTrace": []}', "Unhandled"),
        (b"Task timed out after 3.00 seconds", "Unhandled"),
        (b"plain text", ""),
        (b"[" * 100_000, ""),
        (b'{"errorMessage": %b, "errorType": "E"}' % (b"[" * 100_000), ""),
        (b'{"errorMessage": %b, "errorType": "E"}' % (b"7" * 5000), "Unhandled"),
    ],
    ids=["object", "null", "empty", "failure", "timeout", "text", "brackets", "deep failure", "digits"],
)
async def test_the_interface_emulator_tells_a_failure_by_what_it_answers(body: bytes, error: str) -> None:
    workers = at(INTERFACE_EMULATOR, Http(200, body))

    assert await workers.run(INVOCATION) == Result(body, error)
    assert workers.capacity == 1


@pytest.mark.parametrize(
    ("url", "status", "failure"),
    [
        (INTERFACE_EMULATOR, 400, TargetThrottled),
        ("http://localhost:3001", 429, TargetThrottled),
        ("http://localhost:3001", 503, TargetFailed),
        ("http://localhost:3001", 404, TargetRefused),
    ],
)
async def test_a_url_that_did_not_invoke_says_so(url: str, status: int, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        await at(url, Http(status)).run(INVOCATION)
