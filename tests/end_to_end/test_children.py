"""The programs that tests start end when they are asked to, wherever the tests run."""

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.children import started

PROJECT = Path(__file__).parents[2]
PROGRAM = """
import signal
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)
signal.pause()
"""


@pytest.fixture
def background() -> "object":
    """Ignore SIGINT, as a job in the background and what nohup starts do."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield None
    signal.signal(signal.SIGINT, before)


def test_a_program_that_a_test_starts_in_the_background_heeds_sigint(background: object) -> None:
    with started([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"

    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_program_is_ended_when_its_test_fails() -> None:
    with pytest.raises(ZeroDivisionError), started([sys.executable, "-c", PROGRAM]) as process:
        1 / 0  # noqa: B018 - it fails

    assert process.returncode is not None


def test_no_test_starts_a_program_by_itself() -> None:
    starting = "subprocess.Popen" + "("
    found = [
        path.name
        for path in (PROJECT / "tests").rglob("*.py")
        if starting in path.read_text(encoding="utf-8")
    ]

    assert found == ["children.py"]


def test_every_test_has_a_limit() -> None:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        options = tomllib.load(file)["tool"]["pytest"]["ini_options"]

    assert options["faulthandler_timeout"] <= 300
    assert options["faulthandler_exit_on_timeout"] is True
