"""The real command on a free port, and clients of a fresh account for each test."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import boto3
import pytest

from tests.children import started
from tests.end_to_end.browser import browser, chromium, pages

__all__ = ["browser", "chromium", "pages"]  # fixtures that are here for every test

collect_ignore = ["sample_project"]  # a project of its own, run by test_sample_project.py

_account_numbers = itertools.count(100_000_000_001)


class Server(NamedTuple):
    url: str
    pid: int


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for the whole run; tests keep apart by their accounts."""
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield Server(where.split()[2].rstrip(","), process.pid)


@pytest.fixture
def account() -> str:
    """An account that no other test uses: the access key of its clients."""
    return str(next(_account_numbers))


@pytest.fixture
def connect(server: Server, account: str) -> Iterator[Callable[..., Any]]:
    """Make boto3 clients of the server: `connect("sqs")`; keywords go to boto3."""
    clients = []

    def connect(service: str, **options: Any) -> Any:
        options = {"endpoint_url": server.url, "region_name": "us-east-1", **options}
        session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="test")
        clients.append(session.client(service, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()
