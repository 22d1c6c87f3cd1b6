"""Streams and waits over real sockets: records as they happen, others served meanwhile, an end within a second."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.children import started
from tests.end_to_end.conftest import Server

SECONDS = 10


@pytest.fixture
def orders(connect: Callable[..., Any], account: str) -> tuple[Any, str, str]:
    """A client, the URL of a queue and its ARN."""
    sqs = connect("sqs")
    url: str = sqs.create_queue(QueueName="orders")["QueueUrl"]
    return sqs, url, f"arn:aws:sqs:us-east-1:{account}:orders"


def records(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_a_stream_sends_each_record_as_it_happens(server: Server, orders: tuple[Any, str, str]) -> None:
    sqs, url, arn = orders
    stream_url = f"{server.url}/_pocketbus/trace/stream"
    with httpx.stream("GET", stream_url, params={"resource": arn}, timeout=SECONDS) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        seen = []
        for verb in ("sent", "received", "deleted"):
            if verb == "sent":
                sqs.send_message(QueueUrl=url, MessageBody="job")
            elif verb == "received":
                received = sqs.receive_message(QueueUrl=url)["Messages"][0]
            else:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
            seen.append(next(records(lines))["verb"])

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert seen == ["sent", "received", "deleted"]


def test_a_stream_goes_on_where_an_earlier_one_ended(server: Server, orders: tuple[Any, str, str]) -> None:
    sqs, url, arn = orders
    for body in ("one", "two", "three"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    first, *rest = httpx.get(f"{server.url}/_pocketbus/trace", params={"resource": arn}).json()["records"]
    headers = {"Last-Event-ID": str(first["number"])}
    with httpx.stream(
        "GET",
        f"{server.url}/_pocketbus/trace/stream",
        params={"resource": arn},
        headers=headers,
        timeout=SECONDS,
    ) as stream:
        stories = records(stream.iter_lines())
        again = [next(stories), next(stories)]

    assert again == rest


def test_others_are_served_while_waits_and_streams_are_open(
    server: Server, orders: tuple[Any, str, str]
) -> None:
    sqs, url, arn = orders
    wait_url = f"{server.url}/_pocketbus/wait"
    with (
        ThreadPoolExecutor(1) as pool,
        httpx.stream("GET", f"{server.url}/_pocketbus/trace/stream", timeout=SECONDS),
    ):
        waiting = pool.submit(httpx.post, wait_url, json={"queue": arn, "timeout": SECONDS}, timeout=SECONDS)
        assert httpx.get(f"{server.url}/health").status_code == 200
        sqs.send_message(QueueUrl=url, MessageBody="job")

        assert waiting.result(SECONDS).json()["met"] is True


@pytest.fixture
def lone_server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of the test's own, to be ended."""
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield process, where.split()[2].rstrip(",")


def test_the_server_ends_long_before_the_waits_and_streams_that_are_open(
    lone_server: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = lone_server
    host, port = url.removeprefix("http://").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=SECONDS) as wait,
        httpx.stream("GET", f"{url}/_pocketbus/trace/stream", timeout=SECONDS) as stream,
    ):
        wait.sendall(b"GET /_pocketbus/wait?trace=true&timeout=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)

        assert [line for line in lines if line] == []
        assert wait.recv(100).startswith(b"HTTP/1.1 408")


def tail(url: str, *arguments: str) -> AbstractContextManager["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "pocketbus", "tail", "--url", url, *arguments]
    return started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_of(process: "subprocess.Popen[str]", count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


def test_tail_prints_what_happened_and_happens(server: Server, orders: tuple[Any, str, str]) -> None:
    sqs, url, arn = orders
    message_id = sqs.send_message(QueueUrl=url, MessageBody="job")["MessageId"]
    with tail(server.url, "--all", "--resource", arn) as process:
        before = lines_of(process, 1)
        sqs.receive_message(QueueUrl=url)
        after = lines_of(process, 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)

    assert [line.split()[1:] for line in before + after] == [
        ["sent", "orders", message_id],
        ["received", "orders", message_id],
    ]
    said = f"pocketbus tail: watching {server.url}, resource {arn}\n"
    assert (process.returncode, errors) == (0, said)


def test_tail_prints_json_for_programs(server: Server, orders: tuple[Any, str, str]) -> None:
    sqs, url, arn = orders
    message_id = sqs.send_message(QueueUrl=url, MessageBody="job")["MessageId"]
    with tail(server.url, "--all", "--json", "--subject", message_id) as process:
        (line,) = lines_of(process, 1)
        process.kill()
        process.communicate()

    assert (json.loads(line)["verb"], json.loads(line)["resource"]) == ("sent", arn)


def test_tail_ends_with_the_server(lone_server: tuple[subprocess.Popen[str], str]) -> None:
    server, url = lone_server
    httpx.get(url, params={"Action": "CreateQueue", "QueueName": "orders"})
    httpx.get(f"{url}/000000000000/orders", params={"Action": "SendMessage", "MessageBody": "job"})
    with tail(url, "--all") as process:
        lines_of(process, 1)
        server.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)

    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--url", "http://127.0.0.1:9"], "no server answers at http://127.0.0.1:9: "),
        (["--url", "nowhere"], "no server answers at nowhere: "),
    ],
)
def test_tail_without_a_server_says_so(arguments: list[str], reason: str) -> None:
    command = [sys.executable, "-m", "pocketbus", "tail", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(f"pocketbus tail: {reason}")


def test_tail_help_names_its_options() -> None:
    command = [sys.executable, "-m", "pocketbus", "tail", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)

    for option in ("--url", "--all", "--resource", "--verb", "--subject", "--json"):
        assert option in done.stdout
