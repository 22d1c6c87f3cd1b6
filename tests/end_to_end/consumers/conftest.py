"""Starts other projects' programs, from environments of their own, against the server."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Server
from tests.end_to_end.consumers.program import SECONDS, Program

PROGRAMS = Path(sys.prefix) / "consumers" / "bin"
PACKAGES = Path(sys.prefix) / "consumers-node" / "node_modules"
_IN_THE_QUEUE = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)

Start = Callable[..., Program]


@pytest.fixture
def start(server: Server, account: str, tmp_path: Path) -> Iterator[Start]:
    """Start a program; AWS's own variables lead it to the server, keywords are more variables."""
    programs: list[Program] = []
    numbers = itertools.count(1)
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }

    def start(*command: str, **variables: str) -> Program:
        output = tmp_path / f"output-{next(numbers)}"
        programs.append(Program(list(command), environment | variables, output))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.fixture(scope="session")
def node() -> str:
    """Return the Node command, if there is one that the AWS SDK supports."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", version)[0]) < 20:
        pytest.skip(f"Node 20 or newer is needed, this is {version.strip()}")
    assert PACKAGES.is_dir(), "make the environment with `make test`: it installs the packages that this runs"
    return found


@pytest.fixture
def python_consumers() -> None:
    assert PROGRAMS.is_dir(), "make the environment with `make test`: it installs the programs that this runs"


@pytest.fixture
def wait_until_empty() -> Callable[[Any, str], None]:
    """Wait until a queue has no message in any state."""

    def wait_until_empty(sqs: Any, queue_url: str) -> None:
        deadline = time.monotonic() + SECONDS
        while set((counts := _counts(sqs, queue_url)).values()) != {"0"}:
            assert time.monotonic() < deadline, counts
            time.sleep(0.02)

    return wait_until_empty


def _counts(sqs: Any, queue_url: str) -> dict[str, str]:
    answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=_IN_THE_QUEUE)
    counts: dict[str, str] = answer["Attributes"]
    return counts
