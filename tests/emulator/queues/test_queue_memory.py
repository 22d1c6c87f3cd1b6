"""What a waiting message costs beyond its body."""

import tracemalloc

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings

MESSAGES = 20_000
BODY = "x" * 200


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
def test_a_waiting_message_takes_at_most_700_bytes_beyond_its_body(*, fifo: bool) -> None:
    engine = Engine(Config(seed=1, trace_limit=0))
    engine.clock.freeze()
    now = engine.clock.now()
    queue = engine.scope("000000000000", "us-east-1").sqs.create_queue("q", QueueSettings(fifo=fifo), {}, now)
    tracemalloc.start()
    try:
        for number in range(MESSAGES):
            group, unique = (f"group {number % 1000}", f"id {number}") if fifo else (None, None)
            body = f"{number:06}{BODY}"
            queue.send(Text(body), now + number / 1e6, sender_id="1", group_id=group, deduplication_id=unique)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    body_bytes = len(BODY) + 6 + 49  # 49 for Python's own str object
    assert held / MESSAGES - body_bytes <= 700
