"""Runtime interface clients that attach as workers of a function, and Powertools on a queue's real events."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import Server
from tests.end_to_end.consumers.conftest import PROGRAMS, Start
from tests.end_to_end.consumers.program import Program

GO_WORKER = Path(sys.prefix) / "consumers-go" / "lambdaworker"
RUST_WORKER = Path(sys.prefix) / "consumers-rust" / "lambdaworker"
NODE_WORKER = Path(sys.prefix) / "consumers-ric" / "node_modules" / ".bin" / "aws-lambda-ric"
PYTHON = (str(PROGRAMS / "python"), "-m", "awslambdaric")

Attach = Callable[..., Program]


@pytest.fixture
def attach(start: Start, account: str, server: Server) -> Attach:
    """Start `pocketbus lambda run orders` with a program, and wait until it asks for an invocation."""

    def attach(*command: str, **variables: str) -> Program:
        run = (sys.executable, "-m", "pocketbus", "lambda", "run", "orders", "--account", account)
        program = start(*run, "--", *command, **variables)
        program.wait_for("AWS_LAMBDA_RUNTIME_API=127.0.0.1:")
        wanted = {
            "trace": "true",
            "matching": f"verb == 'attached' && contains(resource, '{account}')",
            "timeout": "15",
        }
        answer = httpx.post(f"{server.url}/_pocketbus/wait", json=wanted, timeout=20)
        assert answer.status_code == 200, [answer.text, *program.said("")]
        return program

    return attach


@pytest.fixture
def mapped(connect: Callable[..., Any], account: str) -> Callable[[], tuple[Any, str]]:
    """Make a queue whose messages are hidden for a second, and map it to the function."""

    def mapped() -> tuple[Any, str]:
        sqs = connect("sqs")
        url = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
        connect("lambda").create_event_source_mapping(
            FunctionName="orders",
            EventSourceArn=f"arn:aws:sqs:us-east-1:{account}:orders",
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        return sqs, url

    return mapped


def send(sqs: Any, url: str, *numbers: int) -> None:
    entries = [{"Id": str(place), "MessageBody": f'{{"number": {n}}}'} for place, n in enumerate(numbers)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)


def left(server: Server, account: str) -> list[str]:
    """Return what the queue still has, whatever its state."""
    found = httpx.get(f"{server.url}/_pocketbus/messages", params={"queue": "orders", "account": account})
    return [message["body"] for message in found.json()["messages"]]


@pytest.mark.usefixtures("python_consumers")
def test_powertools_handles_a_batch_on_pythons_runtime_client_and_reports_what_it_could_not(
    attach: Attach, mapped: Callable[[], tuple[Any, str]], server: Server, account: str
) -> None:
    worker = attach(*PYTHON, "lambda_app.batch")
    sqs, url = mapped()

    send(sqs, url, 1, -2, 3)

    assert worker.wait_for("^handled", times=2) == ["handled order 1 of orders", "handled order 3 of orders"]
    worker.wait_for("no order -2", times=1)
    assert left(server, account) == ['{"number": -2}']


@pytest.mark.usefixtures("python_consumers")
def test_a_worker_that_dies_has_failed_and_another_one_handles_its_messages(
    attach: Attach, mapped: Callable[[], tuple[Any, str]], account: str
) -> None:
    dying = attach(*PYTHON, "lambda_app.die")
    sqs, url = mapped()
    send(sqs, url, 1)
    dying.wait_for("dying with 1")

    worker = attach(*PYTHON, "lambda_app.batch")

    assert worker.wait_for("^handled") == ["handled order 1 of orders"]


@pytest.mark.skipif(not GO_WORKER.is_file(), reason="without Go, `make test` cannot build its worker")
def test_gos_runtime_client_handles_a_batch(
    attach: Attach, mapped: Callable[[], tuple[Any, str]], server: Server, account: str
) -> None:
    worker = attach(str(GO_WORKER))
    sqs, url = mapped()

    send(sqs, url, 1, -2, 3)

    assert worker.wait_for("^handled", times=2) == ['handled {"number": 1}', 'handled {"number": 3}']
    worker.terminate()


@pytest.mark.parametrize(
    ("given", "told"), [({}, "app.handler"), ({"_HANDLER": "other.handler"}, "other.handler")]
)
def test_a_program_is_told_its_handler_by_the_environment_too(
    start: Start, account: str, given: dict[str, str], told: str
) -> None:
    command = (sys.executable, "-m", "pocketbus", "lambda", "run", "orders", "--account", account, "--")
    tell = (sys.executable, "-c", "import os; print('handler', os.environ['_HANDLER'])", "app.handler")

    program = start(*command, *tell, **given)

    assert program.wait_for("^handler") == [f"handler {told}"]


@pytest.mark.skipif(not RUST_WORKER.is_file(), reason="`make workers` builds it, which takes a minute or two")
def test_rusts_runtime_client_handles_a_batch(
    attach: Attach, mapped: Callable[[], tuple[Any, str]], server: Server, account: str
) -> None:
    worker = attach(str(RUST_WORKER))
    sqs, url = mapped()

    send(sqs, url, 1, -2, 3)

    assert worker.wait_for("^handled", times=2) == ['handled {"number": 1}', 'handled {"number": 3}']
    worker.terminate()


@pytest.mark.skipif(
    not NODE_WORKER.exists(), reason="`make workers` builds it, if there are autoreconf and cmake"
)
def test_nodes_runtime_client_handles_a_batch(
    attach: Attach, mapped: Callable[[], tuple[Any, str]], server: Server, account: str
) -> None:
    worker = attach(str(NODE_WORKER), "app.handler", LAMBDA_TASK_ROOT=str(NODE_WORKER.parents[2]))
    sqs, url = mapped()

    send(sqs, url, 1, -2, 3)

    assert worker.wait_for("handled {", times=2)
    worker.terminate()
