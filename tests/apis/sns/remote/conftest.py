"""A topic of an emulator whose clock stands still."""

from collections.abc import Iterator
from typing import Any

import pytest

from pocketbus import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set(1_700_000_000)
        yield emulator


@pytest.fixture
def sns(emulator: Emulator) -> Any:
    return emulator.client("sns")


@pytest.fixture
def topic_arn(sns: Any) -> str:
    arn: str = sns.create_topic(Name="news")["TopicArn"]
    return arn
