"""A Celery application on SQS; its tasks say what they do. Celery itself reads CELERY_BROKER_URL."""
# mypy: disable-error-code="import-not-found, untyped-decorator"
# ruff: noqa: T201

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Exchange, Queue

app = Celery("celery_tasks")
app.conf.update(
    broker_transport_options={
        "is_secure": False,
        "region": "us-east-1",
        "polling_interval": 0.1,  # a pause before a poll would pass for a delay of the queue
        "visibility_timeout": int(os.environ.get("VISIBILITY_TIMEOUT", "60")),
    },
    task_default_queue="tasks",
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_redirect_stdouts=False,
)
if "QUEUE_URL" in os.environ:
    app.conf.broker_transport_options["predefined_queues"] = {
        "tasks": {
            "url": os.environ["QUEUE_URL"],
            "backoff_tasks": ["celery_tasks.always_failing"],
            "backoff_policy": {1: 1},
        }
    }
if "FANOUT_QUEUE" in os.environ:
    app.conf.broker_transport_options["supports_fanout"] = True
    app.conf.task_queues = [Queue(os.environ["FANOUT_QUEUE"], Exchange("announcements", type="fanout"))]
    app.conf.task_default_queue = os.environ["FANOUT_QUEUE"]


@app.task
def announce(what: str) -> None:
    print("heard of", what)


@app.task
def add(left: int, right: int) -> None:
    print("sum", left + right)


@app.task
def tell_time() -> None:
    print("time", time.time())


@app.task(bind=True, autoretry_for=(ConnectionError,), retry_backoff=1, retry_jitter=False)
def fail_once(self: Any) -> None:
    print("attempt", self.request.retries, time.time())
    if self.request.retries == 0:
        raise ConnectionError


@app.task(acks_on_failure_or_timeout=False)
def always_failing() -> None:
    print("failing", time.time())
    raise ConnectionError


@app.task
def wait_for_file(name: str) -> None:
    print("waiting")
    while not Path(name).exists():
        time.sleep(0.02)
    print("finished")
