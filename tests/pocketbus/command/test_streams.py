"""The commands where a standard stream is closed or full, or its encoding has not every character."""

import fcntl
import io
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from pocketbus.command.outcome import table
from tests.pocketbus.command.conftest import Run

FULL = Path("/dev/full")


def test_a_closed_output_is_written_to_in_vain(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    assert run("pocketbus queues") == (0, "", "")
    sys.stdout.close()


def test_a_closed_input_is_empty(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    done = run("pocketbus send jobs")
    sys.stdin.close()

    assert (done.status, done.out) == (1, "")
    assert "The request must contain the parameter MessageBody." in done.err


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_full_output_is_complained_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)

        done = run("pocketbus queues")

    assert (done.status, done.err) == (
        1,
        "pocketbus queues: the output cannot be written: No space left on device\n",
    )


def test_what_the_encoding_has_not_is_escaped(
    run: Run, send: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send("caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))

    assert run("pocketbus peek jobs").status == 0
    assert written.getvalue().splitlines()[1].endswith(b"caf\\xe9")


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("peek '\udcff'", "There is no queue \ufffd."),
        ("publish news '\udcff'", "The request's parameters cannot be read: they are not valid UTF-8."),
        ("send jobs '\udcff'", "it is not valid UTF-8."),
    ],
)
def test_what_a_shell_gives_that_is_no_utf_8_is_refused(run: Run, line: str, refusal: str) -> None:
    done = run(f"pocketbus {line}")

    assert done.status == 1
    assert refusal in done.err


@pytest.mark.parametrize(("columns", "line"), [(0, "jobs   12"), (6, "jobs \N{HORIZONTAL ELLIPSIS}")])
def test_a_terminal_cuts_at_its_edge_if_it_has_one(
    columns: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours, "rb"):
        monkeypatch.setattr(sys, "stdout", terminal)

        assert table(["QUEUE", "READY"], [["jobs", 12]])[1] == line
