"""`pocketbus demo`, as a user runs it."""

import subprocess
import sys

import pytest

from pocketbus import demo
from pocketbus.command.demo import main


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pocketbus", "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_story_comes_out_as_it_should() -> None:
    done = run_demo()

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("   ok  ")] == [
        "ok  every worker but one finished all three photos",
        "ok  the broken upload is a dead letter",
        "ok  and says which queue gave up on it",
        "ok  nothing is left over",
        "ok  the bus took all four orders",
        "ok  above 1000 went to the high-value queue",
        "ok  everything else went to the standard queue",
        "ok  anna's steps came in order, the second capture dropped",
        "ok  ben's steps came in order",
    ]
    assert done.stdout.endswith("\nEverything came out as it should.\n")


def test_a_story_that_comes_out_differently_ends_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def surprise(stage: demo.Stage) -> None:
        stage.expect("one is two", 1, 2)

    monkeypatch.setattr(demo, "STORIES", [surprise])

    assert main([]) == 1
    assert "NOT AS EXPECTED  one is two: expected 2, got 1" in capsys.readouterr().out


def test_without_boto3_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    assert main([]) == 1
    assert capsys.readouterr().out == "pocketbus demo needs boto3: pip install 'pocketbus[demo]'\n"


def test_its_help_says_what_it_does() -> None:
    assert "Exit status 1 if anything is not as expected." in " ".join(run_demo("--help").stdout.split())
