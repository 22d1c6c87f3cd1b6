"""An emulator whose clock stands still, and a real HTTP server that is subscribed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pocketbus import Emulator


@dataclass(frozen=True)
class Post:
    """One request as it arrived; the names of its headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Hook:
    """A webhook: where it is, what it received, and the statuses it answers with: the last one for all further."""

    url: str
    posts: list[Post] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def _serving() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            names = {name.lower(): value for name, value in self.headers.items()}
            served.posts.append(Post(self.path, names, body))
            self.send_response(served.next_status())
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        served = Hook(f"http://127.0.0.1:{server.server_address[1]}/hook")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with _serving() as served:
        yield served


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, serve=True) as emulator:
        emulator.freeze()
        emulator.set(1_700_000_000)
        yield emulator


@pytest.fixture
def sns(emulator: Emulator) -> Any:
    return emulator.client("sns")


@pytest.fixture
def topic_arn(sns: Any) -> str:
    arn: str = sns.create_topic(Name="news")["TopicArn"]
    return arn


@pytest.fixture
def subscribe(emulator: Emulator, sns: Any, topic_arn: str, hook: Hook) -> Callable[..., str]:
    """Subscribe the hook and confirm; what it received until then is forgotten."""

    def subscribed(**attributes: str) -> str:
        arn: str = sns.subscribe(
            TopicArn=topic_arn,
            Protocol="http",
            Endpoint=hook.url,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        token = emulator.call(lambda engine: _token(engine, topic_arn, arn))
        sns.confirm_subscription(TopicArn=topic_arn, Token=token)
        emulator.advance(0)
        hook.posts.clear()
        return arn

    return subscribed


def _token(engine: Any, topic_arn: str, arn: str) -> str:
    topic = engine.resources[topic_arn]
    token: str = topic.confirmations.latest_token(topic.audience.get(arn))
    return token
