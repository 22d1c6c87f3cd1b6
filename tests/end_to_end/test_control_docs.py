"""The examples of the page on the control paths, run from its text, and the page's tables."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.children import started

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "CONTROL.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(heading: str) -> list[tuple[str, str]]:
    """Return the blocks below a heading, each with its language."""
    return _FENCE.findall(PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0])


def example(heading: str, language: str) -> tuple[str, str]:
    """Return the first block in a language below a heading, and the output that the page shows for it."""
    blocks = section(heading)
    index = next(index for index, (kind, _) in enumerate(blocks) if kind == language)
    shown = blocks[index + 1][1] if index + 1 < len(blocks) and blocks[index + 1][0] == "text" else ""
    return blocks[index][1], shown


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server whose clock these examples may move."""
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield where.split()[2].rstrip(",")


@pytest.fixture
def fresh(url: str) -> str:
    httpx.post(f"{url}/_pocketbus/reset")
    httpx.post(f"{url}/_pocketbus/clock/thaw")
    return url


def run(command: list[str], text: str, url: str) -> str:
    done = subprocess.run(
        [*command, text.replace("http://localhost:4566", url)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("heading", ["The clock", "The trace", "Explain", "Wait", "Trouble", "State"])
def test_a_curl_example_prints_what_it_says(fresh: str, heading: str) -> None:
    text, shown = example(heading, "sh")

    assert run(["bash", "-ec"], text, fresh) == shown


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_javascript_example_prints_what_it_says(fresh: str) -> None:
    text, shown = example("From JavaScript", "js")

    assert run(["node", "--input-type=module", "-e"], text, fresh) == shown


@pytest.mark.parametrize("heading", ["Trouble", "State", "In Python"])
def test_the_python_examples_hold(heading: str) -> None:
    texts = [text for language, text in section(heading) if language == "python"]

    assert texts
    for text in texts:
        run([sys.executable, "-c"], text, "http://localhost:4566")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"GET `(/_pocketbus/[a-z/]+)`", PAGE))))
def test_every_path_that_can_be_read_is_served(fresh: str, path: str) -> None:
    with httpx.stream("GET", f"{fresh}{path}") as answer:
        # Some lack a parameter that they require.
        assert answer.status_code in {200, 400}


def test_the_page_explains_every_verb_of_the_trace() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for room in ("emulator", "apis")
        for path in (PROJECT / room).rglob("*.py")
    ]
    recorded = re.compile(r'\b(?:record|note|let_go)\(\s*(?:\w+,\s*)?[\w.]+,\s*"([a-z][a-z -]+)"')
    verbs = {verb for source in sources for verb in recorded.findall(source)}
    rows = re.findall(r"^\| ([a-z, -]+) \| [a-z, ]+ \|", PAGE, re.MULTILINE)

    assert {"sent", "received", "deleted", "published", "accepted", "delivered", "attempted"} < verbs
    assert verbs - {verb for row in rows for verb in row.split(", ")} == set()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_in_the_commands_help_are_answered(fresh: str) -> None:
    help_text = run([sys.executable, "-m", "pocketbus"], "--help", fresh)
    examples = [line.strip() for line in help_text.splitlines() if line.startswith("  curl ")]
    answers = [run(["bash", "-ec"], f"{one} --silent --fail", fresh) for one in examples]

    assert ['"frozen": true' in answer for answer in answers] == [True, True, False, False]
    assert '"records": []' in answers[2]
    assert '"kind": "duplicate"' in answers[3]
