"""Bounds on time that no busy machine meets: wide, in processor time, and tried again before they are believed.

They are for what takes minutes, or for ever, where it goes wrong. What is narrower is counted, or in `tests/bench`.
"""

import time
from collections.abc import Callable

SECONDS = 20.0
_TIMES = 3


def is_soon(work: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Tell whether the work takes no more of the processor than that, at one of three times."""
    return any(_seconds(work) < seconds for _ in range(_TIMES))


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
