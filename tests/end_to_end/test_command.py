"""The command as a user meets it: its options, its two lines, its end."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from importlib.metadata import version
from typing import Any

import pytest

from tests.children import end as end_child
from tests.children import start as start_child

COMMAND = [sys.executable, "-m", "pocketbus"]
SECONDS = 60

Start = Callable[..., subprocess.Popen[str]]


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("POCKETBUS_")}
    return inherited | {"COLUMNS": "100"} | variables


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command with both outputs piped; what still runs at the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = start_child(
            [*COMMAND, *arguments], env=environment(**variables), stdout=pipe, stderr=pipe, text=True
        )
        processes.append(process)
        return process

    try:
        yield start
    finally:
        for process in processes:
            end_child(process)
            process.communicate()


def url_when_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    where = process.stdout.readline()
    assert where.startswith("Listening on http://")
    assert process.stdout.readline() == "Ready.\n"
    return where.split()[2].rstrip(",")


def end(process: subprocess.Popen[str], sent: signal.Signals) -> None:
    """Signal the process and wait for its end, for less long than a long poll waits."""
    process.send_signal(sent)
    process.wait(timeout=SECONDS)


def health(url: str) -> Any:
    with urllib.request.urlopen(f"{url}/_pocketbus/health", timeout=SECONDS) as answer:
        return json.load(answer)


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("--host HOST", "POCKETBUS_HOST"),
        ("--port PORT", "POCKETBUS_PORT"),
        ("--account ACCOUNT", "POCKETBUS_ACCOUNT"),
        ("--region REGION", "POCKETBUS_REGION"),
        ("--seed SEED", "POCKETBUS_SEED"),
        ("--outgoing OUTGOING", "POCKETBUS_OUTGOING"),
        ("--lambda-urls LAMBDA_URLS", "POCKETBUS_LAMBDA_URLS"),
        ("--smtp SMTP", "POCKETBUS_SMTP"),
        ("--email-sender EMAIL_SENDER", "POCKETBUS_EMAIL_SENDER"),
        ("--sns-cert-url-host SNS_CERT_URL_HOST", "POCKETBUS_SNS_CERT_URL_HOST"),
        ("--sms-sandbox SMS_SANDBOX", "POCKETBUS_SMS_SANDBOX"),
        ("--allow-origins ALLOW_ORIGINS", "POCKETBUS_ALLOW_ORIGINS"),
        ("--allow-hosts ALLOW_HOSTS", "POCKETBUS_ALLOW_HOSTS"),
        ("--event-quotas EVENT_QUOTAS", "POCKETBUS_EVENT_QUOTAS"),
        ("--strict STRICT", "POCKETBUS_STRICT"),
        (
            "--sqs-endpoint-strategy SQS_ENDPOINT_STRATEGY",
            "POCKETBUS_SQS_ENDPOINT_STRATEGY",
        ),
        ("--init INIT", "POCKETBUS_INIT"),
        ("--root ROOT", "POCKETBUS_ROOT"),
        ("--tls TLS [TLS ...]", "POCKETBUS_TLS"),
        ("--log-level LOG_LEVEL", "POCKETBUS_LOG_LEVEL"),
    ],
)
def test_help_names_every_option_and_its_variable(option: str, variable: str) -> None:
    done = run("serve", "--help")

    assert done.returncode == 0
    assert option in done.stdout
    assert f"environment: {variable})" in " ".join(done.stdout.split())


def test_the_form_of_queue_urls_can_be_chosen_by_the_variable_of_other_emulators(start: Start) -> None:
    url = url_when_ready(start("--port", "0", SQS_ENDPOINT_STRATEGY="path"))

    assert create_queue(url) == f"{url}/queue/us-east-1/000000000000/jobs"


def test_the_same_seed_and_the_same_calls_give_the_same_state(start: Start) -> None:
    states = []
    for _ in range(2):
        url = url_when_ready(start("--port", "0", "--seed", "7"))
        for call in ("_pocketbus/clock/freeze?at=2026-01-01", "?Action=CreateQueue&QueueName=jobs"):
            urllib.request.urlopen(f"{url}/{call}", b"", timeout=SECONDS).close()
        send = f"{url}/000000000000/jobs?Action=SendMessage&MessageBody=job"
        urllib.request.urlopen(send, timeout=SECONDS).close()
        with urllib.request.urlopen(f"{url}/_pocketbus/state", timeout=SECONDS) as answer:
            states.append(answer.read())

    assert b'{"text":"job"}' in states[0]
    assert states[0] == states[1]


def test_a_seed_that_is_none_is_one_clear_line() -> None:
    done = run("--seed", "lucky")

    assert done.returncode == 2
    assert "'lucky' is no seed; give a number of at most 18 digits" in done.stderr


def test_a_quota_of_eventbridge_can_be_set(start: Start) -> None:
    url = url_when_ready(start("--port", "0", "--event-quotas", "buses=1"))
    headers = {"X-Amz-Target": "AWSEvents.CreateEventBus"}
    second = urllib.request.Request(url, b'{"Name":"second"}', headers)

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(second, timeout=SECONDS)

    assert b"LimitExceededException" in refusal.value.read()


def test_a_quota_that_is_none_is_one_clear_line() -> None:
    done = run(POCKETBUS_EVENT_QUOTAS="lions=3")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "POCKETBUS_EVENT_QUOTAS: 'lions=3' is no quota; give NAME=NUMBER of buses," in done.stderr


def test_origins_and_hosts_can_be_allowed(start: Start) -> None:
    variables = {"POCKETBUS_ALLOW_HOSTS": "bus.example.com, other.example.com"}
    url = url_when_ready(start("--port", "0", "--allow-origins", "https://App.example.com:8443", **variables))
    headers = {"Host": "other.example.com", "Origin": "https://app.example.com:8443"}

    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/?Action=ListQueues", headers=headers), timeout=SECONDS
    ) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com:8443"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("POCKETBUS_ALLOW_ORIGINS", "app.example.com", "give one such as https://app.example.com:8443"),
        (
            "POCKETBUS_ALLOW_ORIGINS",
            "https://app.example.com/",
            "give one such as https://app.example.com:8443",
        ),
        ("POCKETBUS_ALLOW_HOSTS", "bus.example.com:4566", "give one without scheme and port"),
        ("POCKETBUS_ALLOW_HOSTS", "*.example.com", "give one without scheme and port"),
        ("POCKETBUS_ALLOW_HOSTS", "a,,b", "'' is no host name"),
    ],
)
def test_an_origin_or_host_that_is_none_is_one_clear_line(variable: str, value: str, said: str) -> None:
    done = run(**{variable: value})

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_a_strict_server_lets_the_name_of_a_deleted_queue_rest(start: Start) -> None:
    url = url_when_ready(start("--port", "0", "--strict", "on"))
    urllib.request.urlopen(f"{create_queue(url)}?Action=DeleteQueue", timeout=SECONDS).close()

    with pytest.raises(urllib.error.HTTPError) as refusal:
        create_queue(url)

    assert b"<Code>AWS.SimpleQueueService.QueueDeletedRecently</Code>" in refusal.value.read()


def create_queue(url: str) -> str:
    query = f"{url}/?Action=CreateQueue&QueueName=jobs"
    with urllib.request.urlopen(query, timeout=SECONDS) as answer:
        _, _, rest = answer.read().decode().partition("<QueueUrl>")
        return str(rest.partition("<")[0])


def test_the_word_serve_may_be_left_out_or_not(start: Start) -> None:
    assert health(url_when_ready(start("serve", "--port", "0")))


def test_version_is_the_distributions() -> None:
    done = run("--version")

    assert (done.returncode, done.stdout) == (0, f"pocketbus {version('pocketbus')}\n")


def test_it_says_where_it_listens_and_answers_once_it_is_ready(start: Start) -> None:
    process = start("--port", "0", "--account", "123456789012", "--region", "eu-west-1")
    assert process.stdout is not None
    where = process.stdout.readline()
    ready = process.stdout.readline()

    port = int(where.removeprefix("Listening on http://127.0.0.1:").split(",")[0])
    assert where == f"Listening on http://127.0.0.1:{port}, account 123456789012, region eu-west-1.\n"
    assert ready == "Ready.\n"
    assert health(f"http://127.0.0.1:{port}")


def test_the_environment_sets_what_no_option_does(start: Start) -> None:
    process = start(
        "--region",
        "eu-west-1",
        POCKETBUS_PORT="0",
        POCKETBUS_ACCOUNT="123456789012",
        POCKETBUS_REGION="us-west-2",
    )
    assert process.stdout is not None

    assert process.stdout.readline().endswith(", account 123456789012, region eu-west-1.\n")


def test_an_empty_variable_counts_as_unset(start: Start) -> None:
    process = start("--port", "0", POCKETBUS_REGION="")
    assert process.stdout is not None

    assert process.stdout.readline().endswith(", region us-east-1.\n")


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("POCKETBUS_PORT", "http", "'http' is no port; give a number from 0 to 65535"),
        ("POCKETBUS_PORT", "65536", "'65536' is no port; give a number from 0 to 65535"),
        ("POCKETBUS_ACCOUNT", "1234", "'1234' is no account; give 12 digits"),
        ("POCKETBUS_REGION", "us east", "'us east' is no region; give a name such as us-east-1"),
        ("POCKETBUS_OUTGOING", "mars", "'mars' is no such place; give one of nearby, anywhere"),
        ("POCKETBUS_SMTP", "mail", "'mail' is no server; give a host and a port such as localhost:1025"),
        ("POCKETBUS_LAMBDA_URLS", "orders", "'orders' is neither a URL nor of the form NAME=URL"),
        (
            "POCKETBUS_LOG_LEVEL",
            "loud",
            "'loud' is no log level; give one of critical, error, warning, info, debug",
        ),
    ],
)
def test_a_wrong_variable_is_refused_in_one_line_that_names_it(
    variable: str, value: str, reason: str
) -> None:
    done = run(**{variable: value})

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"pocketbus: {variable}: {reason}\n")


def test_a_wrong_option_is_refused() -> None:
    done = run("--account", "12345678901x")

    assert done.returncode == 2
    assert done.stderr.endswith("argument --account: '12345678901x' is no account; give 12 digits\n")


def test_an_option_wins_over_a_wrong_variable(start: Start) -> None:
    assert url_when_ready(start("--port", "0", POCKETBUS_PORT="http"))


def test_a_taken_port_is_one_line_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("--port", str(port))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"pocketbus: cannot listen on 127.0.0.1:{port}: "
        "the port is taken; stop what listens there, or choose another with --port or POCKETBUS_PORT\n"
    )


def test_an_address_of_another_machine_is_one_line_that_says_what_to_do() -> None:
    done = run("--host", "192.0.2.1", "--port", "0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "pocketbus: cannot listen on 192.0.2.1:0: "
        "this machine has no such address; choose another with --host or POCKETBUS_HOST\n"
    )


def test_a_host_without_an_address_is_one_line_that_says_what_to_do() -> None:
    done = run("--host", "a" * 64, "--port", "0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"pocketbus: cannot listen on {'a' * 64}:0: "
        "the host name has no address here; choose another with --host or POCKETBUS_HOST\n"
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server(start: Start, sent: signal.Signals) -> None:
    process = start("--port", "0")
    with socket.create_connection(("127.0.0.1", int(url_when_ready(process).rsplit(":", 1)[1]))):
        end(process, sent)

    assert process.returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_an_open_long_poll_with_nothing(start: Start, sent: signal.Signals) -> None:
    process = start("--port", "0")
    url = url_when_ready(process)
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=SECONDS)) as connection:
        ask(connection, "CreateQueue", QueueName="orders")
        queue_url = json.load(connection.getresponse())["QueueUrl"]
        ask(connection, "ReceiveMessage", QueueUrl=queue_url, WaitTimeSeconds=20)
        # The server takes requests in turn: once these are answered, it has taken the poll.
        for _ in range(3):
            health(url)
        answered_at_once, _, _ = select.select([connection.sock], [], [], 0)
        end(process, sent)
        answer = connection.getresponse()

        assert not answered_at_once
        assert process.returncode == 0
        assert (answer.status, json.load(answer)) == (200, {})


def ask(connection: HTTPConnection, operation: str, **members: Any) -> None:
    headers = {"X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    connection.request("POST", "/", json.dumps(members), headers)


def test_it_logs_nothing_at_the_default_level(start: Start) -> None:
    process = start("--port", "0")
    health(url_when_ready(process))
    end(process, signal.SIGTERM)

    assert process.communicate() == ("", "")


def test_debug_logs_a_line_a_request(start: Start) -> None:
    process = start("--port", "0", "--log-level", "debug")
    health(url_when_ready(process))
    end(process, signal.SIGTERM)
    _, log = process.communicate()

    assert '"GET /_pocketbus/health HTTP/1.1" 200' in log
