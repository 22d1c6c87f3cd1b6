"""An emulator whose clock stands still, and a real HTTP server in the place of an API and of its OAuth server."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from pocketbus import Emulator

START = 1_700_000_000


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Api:
    """What the server was asked, the statuses it answers with, the last one for all further, and the document."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    tokens_asked: list[Asked] = field(default_factory=list)
    document: Any = field(default_factory=dict)

    def answer(self, request: Asked) -> tuple[int, Any]:
        """Give a new token at /token, else the next status."""
        if request.path.startswith("/token"):
            self.tokens_asked.append(request)
            number = len(self.tokens_asked)
            return 200, {"access_token": f"token-{number}", "token_type": "bearer", "expires_in": 600}
        self.asked.append(request)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0], self.document


@pytest.fixture
def api() -> Iterator[Api]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            names = {name.lower(): value for name, value in self.headers.items()}
            status, document = served.answer(Asked(self.command, self.path, names, body))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        do_POST = do_PUT = do_GET = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Api(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class World:
    """The emulator, its clients, and a dead-letter queue."""

    emulator: Emulator
    events: Any
    sqs: Any
    dead_letters_url: str

    def attempts(self) -> list[float]:
        """Return when each attempt was made, in seconds from the start."""
        trace = self.emulator.call(lambda engine: list(engine.trace))
        return [record.at - START for record in trace if record.why.startswith("attempt ")]

    def dead_letters(self) -> list[Any]:
        answer = self.sqs.receive_message(
            QueueUrl=self.dead_letters_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def put_event(self) -> None:
        entry = {"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}'}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
        self.emulator.advance(0)


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    emulators: list[Emulator] = []

    def make(**settings: Any) -> World:
        emulator = Emulator(seed=1, **settings).__enter__()
        emulators.append(emulator)
        emulator.freeze()
        emulator.set(START)
        events, sqs = emulator.client("events"), emulator.client("sqs")
        url = sqs.create_queue(QueueName="dead")["QueueUrl"]
        events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
        return World(emulator, events, sqs, url)

    yield make
    for emulator in emulators:
        emulator.__exit__(None, None, None)


@pytest.fixture
def put_target() -> Callable[..., None]:
    def put(world: World, arn: str, **given: Any) -> None:
        target = {
            "Id": "t",
            "Arn": arn,
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"},
            **given,
        }
        world.events.put_targets(Rule="r", Targets=[target])

    return put
