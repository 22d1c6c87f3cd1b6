"""Celery workers with kombu's SQS transport."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Server
from tests.end_to_end.consumers.conftest import Start
from tests.end_to_end.consumers.program import Program

pytestmark = pytest.mark.usefixtures("python_consumers")

Celery = Callable[..., Program]


@pytest.fixture
def celery(start: Start, server: Server, account: str) -> Celery:
    """Start a Celery command of the application; keywords are variables."""
    broker = server.url.replace("http://", f"sqs://{account}:test@")

    def celery(*command: str, **variables: str) -> Program:
        variables["CELERY_BROKER_URL"] = broker
        return start("celery", "--quiet", "--app", "celery_tasks", *command, **variables)

    return celery


@pytest.fixture
def worker(celery: Celery) -> Callable[..., Program]:
    """Start a worker that has one child process, and wait until it is ready."""

    def worker(**variables: str) -> Program:
        program = celery("worker", "--concurrency", "1", "--loglevel", "INFO", **variables)
        program.wait_for("ready[.]$")
        return program

    return worker


@pytest.fixture
def call(celery: Celery) -> Callable[..., None]:
    """Send a task to the queue."""

    def call(task: str, *options: str, **variables: str) -> None:
        celery("call", f"celery_tasks.{task}", *options, **variables).end()

    return call


def instants(lines: list[str]) -> list[float]:
    return [float(line.split()[-1]) for line in lines]


def test_a_celery_task_runs(worker: Callable[..., Program], call: Callable[..., None]) -> None:
    running = worker()

    call("add", "--args", "[19, 23]")

    assert running.wait_for("^sum") == ["sum 42"]


def test_a_celery_task_with_a_countdown_runs_when_it_is_due(
    worker: Callable[..., Program], call: Callable[..., None]
) -> None:
    running = worker()

    before = time.time()
    call("tell_time", "--countdown", "1")

    assert instants(running.wait_for("^time"))[0] >= before + 1


def test_a_celery_task_is_tried_again_after_its_backoff(
    worker: Callable[..., Program], call: Callable[..., None]
) -> None:
    running = worker()

    call("fail_once")

    first, second = running.wait_for("^attempt", times=2)
    assert [first.split()[1], second.split()[1]] == ["0", "1"]
    assert float(second.split()[2]) - float(first.split()[2]) >= 0.9


def test_a_celery_task_returns_by_the_queues_backoff_policy(
    worker: Callable[..., Program], call: Callable[..., None], connect: Callable[..., Any]
) -> None:
    sqs = connect("sqs")
    url = sqs.create_queue(QueueName="tasks", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]
    running = worker(QUEUE_URL=url)

    call("always_failing", QUEUE_URL=url)

    first, second = instants(running.wait_for("^failing", times=2))
    assert second - first >= 0.9


def test_a_terminated_celery_worker_finishes_its_task(
    worker: Callable[..., Program],
    call: Callable[..., None],
    connect: Callable[..., Any],
    wait_until_empty: Callable[[Any, str], None],
    tmp_path: Path,
) -> None:
    running = worker()
    call("wait_for_file", "--args", f'["{tmp_path}/go"]')
    running.wait_for("^waiting")

    running.terminate()
    running.wait_for("Warm shutdown")
    (tmp_path / "go").touch()

    assert "finished" in running.end()
    sqs = connect("sqs")
    wait_until_empty(sqs, sqs.get_queue_url(QueueName="tasks")["QueueUrl"])


def test_the_task_of_a_killed_celery_worker_is_done_by_another(
    worker: Callable[..., Program],
    call: Callable[..., None],
    connect: Callable[..., Any],
    wait_until_empty: Callable[[Any, str], None],
    tmp_path: Path,
) -> None:
    doomed = worker(VISIBILITY_TIMEOUT="1")
    call("wait_for_file", "--args", f'["{tmp_path}/go"]', VISIBILITY_TIMEOUT="1")
    doomed.wait_for("^waiting")

    doomed.kill()
    (tmp_path / "go").touch()
    other = worker(VISIBILITY_TIMEOUT="1")

    assert other.wait_for("^finished") == ["finished"]
    sqs = connect("sqs")
    wait_until_empty(sqs, sqs.get_queue_url(QueueName="tasks")["QueueUrl"])


def test_a_celery_broadcast_reaches_every_worker_through_sns(
    worker: Callable[..., Program], call: Callable[..., None]
) -> None:
    workers = [worker(FANOUT_QUEUE="kitchen"), worker(FANOUT_QUEUE="office")]

    call("announce", "--args", '["lunch"]', FANOUT_QUEUE="office")

    assert [one.wait_for("^heard") for one in workers] == [["heard of lunch"], ["heard of lunch"]]
