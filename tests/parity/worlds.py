"""The ways to an AWS that every scenario is run in: four to this server, and moto."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import boto3
import moto
from moto.core.utils import unix_time, unix_time_millis

from pocketbus import Emulator
from tests.parity.aws import Aws

ACCOUNT = "123456789012"
SERVICES = ("sqs", "sns", "events")

World = Callable[[], AbstractContextManager[Aws]]
"""Opens an empty AWS."""


def in_process(emulator: Emulator) -> World:
    return _of(emulator, {name: emulator.client(name, aws_access_key_id=ACCOUNT) for name in SERVICES})


def over_http(emulator: Emulator, at_the_end: ExitStack) -> World:
    session = _session()
    clients = {name: session.client(name, endpoint_url=emulator.url) for name in SERVICES}
    for client in clients.values():
        at_the_end.callback(client.close)
    return _of(emulator, clients)


def _of(emulator: Emulator, clients: dict[str, Any]) -> World:
    @contextmanager
    def world() -> Iterator[Aws]:
        emulator.reset()
        yield Aws(clients, emulator.advance)

    return world


def in_moto() -> World:
    session = _session()
    clients = {name: session.client(name) for name in SERVICES}

    @contextmanager
    def world() -> Iterator[Aws]:
        ahead_seconds = 0.0

        def advance(seconds: float) -> None:
            nonlocal ahead_seconds
            ahead_seconds += seconds

        # With the clock of moto's SQS in their hands, the scenarios need not sleep.
        with (
            moto.mock_aws(),
            patch("moto.sqs.models.unix_time", lambda *at: unix_time(*at) + ahead_seconds),
            patch(
                "moto.sqs.models.unix_time_millis", lambda *at: unix_time_millis(*at) + 1000 * ahead_seconds
            ),
        ):
            yield Aws(clients, advance)

    return world


def _session() -> Any:
    return boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="test", region_name="us-east-1")
