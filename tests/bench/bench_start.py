"""How much later a server is ready that begins with a seed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.processes import ROOT
from tests.bench.table import Row
from tests.children import start as start_child

QUEUES, TOPICS, SUBSCRIPTIONS, RULES = 100, 50, 200, 100
_TIMES = 7


def rows() -> list[Row]:
    """Start alternately with and without, so that what else the machine does meets both."""
    with TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.toml"
        seed.write_text("\n".join(_seed()), encoding="utf-8")
        later = [_seconds_to_ready("--init", str(seed)) - _seconds_to_ready() for _ in range(_TIMES)]
    return [
        Row(
            f"ready later by a seed of {QUEUES + TOPICS + SUBSCRIPTIONS + RULES} resources",
            median(later),
            0.3,
            " s",
            at_least=False,
        )
    ]


def _seed() -> Iterator[str]:
    for number in range(QUEUES):
        yield f'[[queues]]\nQueueName = "queue-{number}"\nAttributes = {{ VisibilityTimeout = 60 }}'
    for number in range(TOPICS):
        yield f'[[topics]]\nName = "topic-{number}"'
    for number in range(SUBSCRIPTIONS):
        yield f'[[subscriptions]]\nTopicArn = "topic-{number % TOPICS}"\nProtocol = "sqs"'
        yield f'Endpoint = "queue-{number % QUEUES}"\nAttributes.FilterPolicy = {{ kind = ["{number}"] }}'
    for number in range(RULES):
        yield f'[[rules]]\nName = "rule-{number}"\nEventPattern = {{ detail = {{ total = [{number}] }} }}'


def _seconds_to_ready(*arguments: str) -> float:
    command: Sequence[str] = [sys.executable, "-m", "pocketbus", "--port", "0", *arguments]
    began = time.perf_counter()
    with start_child(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != "Ready.\n":
            if not line:
                raise OSError("the server did not become ready")
        seconds = time.perf_counter() - began
        process.terminate()
    return seconds
