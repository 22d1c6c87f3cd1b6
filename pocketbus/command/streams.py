"""The standard streams as a shell leaves them: closed, full, or in an encoding that has not every character."""

import io
import os
import sys
from pathlib import Path


def settle_streams() -> None:
    """Put nothing in the place of a stream that is closed, and escape what the output's encoding has not."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open until the end
            setattr(sys, name, nothing)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def flush_output() -> None:
    """Write what is left to the output, unless whoever reads it has had enough."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave_output()


def leave_output() -> None:
    """Write no more to an output that takes nothing; Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
