"""The sample project's own tests, run as its developers would run them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "sample_project"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy = tmp_path / "sample_project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return copy


def run(project: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": str(project), **variables},
    )
    return done.returncode, done.stdout + done.stderr


def test_its_tests_pass_in_parallel(project: Path) -> None:
    status, output = run(project, "-n", "2")

    assert status == 0, output
    assert re.search(r"^2 workers \[11 items\]", output, re.MULTILINE), output
    assert "11 passed" in output


def test_a_consumer_that_is_not_idempotent_fails_where_messages_come_at_least_once(project: Path) -> None:
    status, output = run(project, "-n", "2", BILLING="naive")

    assert status == 1, output
    failed = re.findall(r"^FAILED tests/(\S+)", output, re.MULTILINE)
    assert failed == ["test_billing.py::test_nobody_is_charged_twice_where_messages_come_at_least_once"]


def test_a_failing_test_shows_what_happened_in_its_account(project: Path) -> None:
    _, output = run(project, "tests/test_billing.py", "tests/test_orders.py", BILLING="naive")

    trace = output.partition("pocketbus trace ")[2].partition("\n=====")[0]
    assert re.search(r"^\S+Z +accepted +event-bus/default +\S+$", trace, re.MULTILINE), output
    assert re.search(
        r"^\S+Z +faulted +billing +\S+ +fault 1: duplicate at a receive$", trace, re.MULTILINE
    ), output
    assert re.search(r"^\S+Z +deleted +billing +\S+$", trace, re.MULTILINE), output
    assert len(re.findall(" accepted ", trace)) == 2  # what happened in the accounts of other tests is theirs
