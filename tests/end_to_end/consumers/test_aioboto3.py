"""Many simultaneous long polls of one asynchronous client."""

import json

import pytest

from tests.end_to_end.consumers.conftest import Start


@pytest.mark.usefixtures("python_consumers")
def test_each_of_fifty_long_polls_is_woken_by_its_own_message(start: Start) -> None:
    program = start("python", "aioboto3_polls.py", "50")

    woken = [json.loads(line) for line in program.end()]

    assert woken == [[[f"message {number}"], 49 - number] for number in range(50)]
