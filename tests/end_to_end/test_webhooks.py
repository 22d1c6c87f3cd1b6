"""A webhook of the real command: confirmed by its URL, called, and no hindrance to a quick end."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread
from typing import Any

import boto3
import pytest

from tests.children import started

SECONDS = 10


class Hook(ThreadingHTTPServer):
    """Puts each message in line, and answers the one that says `wait` when it is released."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: Queue[Any] = Queue()
        self.released = Event()
        self.url = f"http://localhost:{self.server_address[1]}/"

    def next(self) -> Any:
        return self.messages.get(timeout=SECONDS)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook: Any = self.server
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        hook.messages.put(message)
        if message["Message"] == "wait":
            hook.released.wait(6 * SECONDS)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        thread = Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hook
        hook.released.set()
        hook.shutdown()
        thread.join()


def test_a_webhook_is_confirmed_and_called_and_does_not_hold_up_the_end(hook: Hook) -> None:
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().split()[2].rstrip(",")
        sns = boto3.client(
            "sns",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        topic_arn = sns.create_topic(Name="news")["TopicArn"]
        sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url)
        urllib.request.urlopen(hook.next()["SubscribeURL"]).close()
        sns.publish(TopicArn=topic_arn, Message="hello")
        assert hook.next()["Message"] == "hello"
        sns.publish(TopicArn=topic_arn, Message="wait")
        assert hook.next()["Message"] == "wait"
        sns.close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=SECONDS)

        assert (process.returncode, process.stderr.read()) == (0, "")
