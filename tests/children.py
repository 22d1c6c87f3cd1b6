"""Programs that tests start: with signals at their defaults, and ended whatever happens."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_SECONDS = 10


def start(command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
    """Start a program; keywords are Popen's.

    A test run in the background ignores SIGINT, and what it starts would inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, **options)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def started(command: Sequence[str], **options: Any) -> "Iterator[subprocess.Popen[Any]]":
    """Start a program, and end it: by SIGTERM or, if that does not help, by SIGKILL."""
    with start(command, **options) as process:
        try:
            yield process
        finally:
            end(process)


def end(process: "subprocess.Popen[Any]") -> bool:
    """End a program, and tell whether it did so by itself."""
    process.terminate()
    try:
        process.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
