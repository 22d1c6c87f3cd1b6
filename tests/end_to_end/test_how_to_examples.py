"""The how-tos of docs/how-to: their Python is run by pytest, their shell lines against a server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pocketbus import Emulator
from pocketbus.apis.guard import _strange_host, _strange_origin
from pocketbus.command.options import OPTIONS
from tests.end_to_end.consumers.program import Program

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
CONSUMERS = Path(sys.prefix) / "consumers" / "bin"
TESTED = {
    "dead-letters": 2,
    "throttling": 4,
    "idempotency": 3,
    "schedules": 3,
    "webhooks": 2,
    "lambda": 1,
    "why": 3,
    "moto": 2,
}
BY_HAND = ("dead-letters", "throttling", "schedules", "why", "webhooks")


def blocks(name: str, language: str) -> list[str]:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def environment(url: str) -> dict[str, str]:
    path = (str(Path(sys.executable).parent), str(CONSUMERS), os.environ["PATH"])
    return {"PATH": os.pathsep.join(path), "HOME": "/", "POCKETBUS_URL": url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Run all pages' Python in one run of pytest; return for each page what became of its tests."""
    folder = tmp_path_factory.mktemp("how-to")
    for name in TESTED:
        module = folder / f"test_{name.replace('-', '_')}.py"
        module.write_text("\n\n".join(blocks(name, "python")), encoding="utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8"
    )
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    subprocess.run(command, cwd=folder, env=environment(""), capture_output=True, check=False, timeout=120)
    found: dict[str, list[str]] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        page = case.get("classname", "").removeprefix("test_").replace("_", "-")
        found.setdefault(page, []).append("".join(part.text or "" for part in case) or "passed")
    return found


@pytest.mark.parametrize("name", TESTED)
def test_the_python_of_a_page_passes(outcomes: dict[str, list[str]], name: str) -> None:
    assert outcomes[name] == ["passed"] * TESTED[name]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A server with what the pages' shell lines name."""
    with Emulator(serve=True) as emulator:
        sqs, sns = emulator.client("sqs"), emulator.client("sns")
        sqs.create_queue(QueueName="jobs-dlq")
        policy = (
            '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:jobs-dlq", "maxReceiveCount": 1}'
        )
        sqs.create_queue(QueueName="jobs", Attributes={"RedrivePolicy": policy})
        topic = sns.create_topic(Name="news")["TopicArn"]
        filtered = {"FilterPolicy": '{"color": ["red"]}'}
        jobs = "arn:aws:sqs:us-east-1:000000000000:jobs"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=jobs, Attributes=filtered)
        yield emulator


@pytest.mark.parametrize("name", BY_HAND)
def test_the_shell_lines_of_a_page_work(emulator: Emulator, name: str) -> None:
    (lines,) = blocks(name, "sh")

    done = subprocess.run(
        ["/bin/bash", "-ec", lines],
        env=environment(emulator.url),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = [line for line in done.stderr.splitlines() if not line.startswith("pocketbus tail: watching")]
    assert (done.returncode, said) == (0, [])
    assert done.stdout


@pytest.mark.parametrize(
    ("name", "module", "queue", "said"),
    [("celery", "tasks.py", "tasks", "sum 42"), ("dramatiq", "actors.py", "shop_default", "hello Ada")],
)
def test_the_consumer_of_a_page_does_its_work(
    emulator: Emulator, tmp_path: Path, name: str, module: str, queue: str, said: str
) -> None:
    assert CONSUMERS.is_dir(), (
        "make the environment with `make test`: it installs the programs that this runs"
    )
    (tmp_path / module).write_text(blocks(name, "python")[0], encoding="utf-8")
    (lines,) = blocks(name, "sh")
    here = lines.replace("http://localhost:4566", emulator.url)
    here = here.replace("localhost:4566", emulator.url.removeprefix("http://"))
    here = here.replace("python actors.py", f"{CONSUMERS}/python actors.py")

    program = Program(
        ["/bin/bash", "-ec", f"cd {tmp_path}\n{here}"], environment(emulator.url), tmp_path / "output"
    )
    try:
        assert program.wait_for(said) != []
        assert program.said(f'"name": "{queue}"') != []
    finally:
        program.kill()


def test_every_page_of_these_is_run_by_a_test() -> None:
    with_python = {path.stem for path in FOLDER.glob("*.md") if blocks(path.stem, "python")}

    assert {*TESTED, "celery", "dramatiq"} <= with_python


def test_every_option_and_refusal_that_troubleshooting_names_is_one() -> None:
    page = (FOLDER.parent / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
    options = {*(option.option for option in OPTIONS), "--url", "--subscriptions", "--verb"}
    refused = [strange(b"shop.example").message for strange in (_strange_host, _strange_origin)]

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) - options == set()
    for shown in re.findall(r"^\| 403 `([^`]+)`", page, re.MULTILINE):
        assert any(re.match(re.escape(shown).replace(r"\.\.\.", ".*"), text) for text in refused), shown


def test_every_page_that_troubleshooting_names_is_there() -> None:
    page = FOLDER.parent / "TROUBLESHOOTING.md"
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []
