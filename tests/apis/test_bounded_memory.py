"""What the wire remembers of requests is small, whatever clients send."""

import json
import tracemalloc
from collections.abc import Callable

import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import no_more, scope_of

LONG = 1_000_000
REQUESTS = 10

Request = tuple[dict[str, str], dict[str, str]]


@pytest.mark.parametrize(
    "request_of",
    [
        lambda long: ({}, {"QueueUrl": long}),
        lambda long: ({}, {"QueueUrl": f"http://localhost/000000000000/{long}"}),
        lambda long: ({"host": long}, {"QueueUrl": "q"}),
        lambda long: ({"authorization": f"AWS4-HMAC-SHA256 Credential={long}"}, {"QueueUrl": "q"}),
    ],
    ids=["name", "url", "host", "credential"],
)
def test_what_is_long_is_not_remembered(request_of: Callable[[str], Request]) -> None:
    app = create_app(Engine())

    def ask(number: int) -> None:
        headers, members = request_of(f"{number}{'x' * LONG}")
        scope = scope_of(headers={"x-amz-target": "AmazonSQS.PurgeQueue", **headers})
        app.answer(scope, dict(scope["headers"]), no_more, json.dumps(members).encode())

    ask(0)
    tracemalloc.start()
    for number in range(REQUESTS):
        ask(number + 1)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < LONG
