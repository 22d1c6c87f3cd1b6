"""How many cases the property tests try: few in a usual run, as many as FUZZ_CASES says in `make fuzz`."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

USUAL = not os.environ.get("FUZZ_CASES")
"""Whether this is a usual run, which tries the same cases every time."""


def cases(few: int) -> int:
    return int(os.environ.get("FUZZ_CASES") or few)


class _Complaints(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Yield the list of what is logged as a warning or worse, with its traceback."""
    watch = _Complaints()
    logging.getLogger().addHandler(watch)
    try:
        yield watch.texts
    finally:
        logging.getLogger().removeHandler(watch)
