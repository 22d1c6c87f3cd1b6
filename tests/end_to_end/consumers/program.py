"""A program of the test environment that runs beside the test, and what it says."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from tests.children import start

FOLDER = Path(__file__).parent
SECONDS = 60
_BETWEEN_LOOKS = 0.02


class Program:
    """A running program, leader of its own process group; both its outputs go to one file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], output: Path) -> None:
        self._output = output
        with output.open("wb") as file:
            self._process = start(
                command,
                cwd=FOLDER,
                env=dict(environment),
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self, pattern: str) -> list[str]:
        """Return the whole lines in which the regular expression is found."""
        lines = self._output.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        return [line.rstrip("\n") for line in lines if line.endswith("\n") and re.search(pattern, line)]

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        """Return the lines in which the regular expression is found as soon as there are so many."""
        deadline = time.monotonic() + SECONDS
        while len(lines := self.said(pattern)) < times:
            if time.monotonic() > deadline:
                self._fail(f"did not say {pattern!r} {times} times")
            time.sleep(_BETWEEN_LOOKS)
        return lines

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> list[str]:
        """Wait for the program's end without an error and return all that it said."""
        try:
            status = self._process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self._fail("did not end")
        if status:
            self._fail(f"ended with status {status}")
        return self.said("")

    def kill(self) -> None:
        """Kill the program and all its children; once it was waited for, its children are gone too."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _fail(self, what: str) -> NoReturn:
        pytest.fail(f"{self._process.args!r} {what}. It said:\n" + "\n".join(self.said("")))
