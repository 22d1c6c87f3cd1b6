"""The pytest plugin, in runs of pytest of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "PYTEST.md").read_text(encoding="utf-8")


def examples(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def run(folder: Path, text: str, *arguments: str, settings: str = "") -> str:
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{settings}", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_PROFILE": "mine"},
    )
    return done.stdout + done.stderr


def test_the_pages_examples_pass(tmp_path: Path) -> None:
    (seed,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "seeds.toml").write_text(seed, encoding="utf-8")
    output = run(tmp_path, "\n\n".join(examples(PAGE)))

    assert "7 passed" in output, output


def test_a_seed_with_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "seeds.toml").write_text('[[queues]]\nName = "orders"\n', encoding="utf-8")
    text = 'import pytest\n\n@pytest.mark.pocketbus(init="seeds.toml")\ndef test_it(pocketbus): ...\n'

    assert "seeds.toml:2: queues: there is no parameter Name" in run(tmp_path, text)


def test_the_readmes_example_passes(tmp_path: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (text,) = (example for example in examples(readme) if example.startswith("def test_"))

    assert "1 passed" in run(tmp_path, text)


def test_the_page_names_every_fixture(tmp_path: Path) -> None:
    output = run(tmp_path, "", "--fixtures")
    section = output.partition("fixtures defined from pocketbus.pytest_plugin")[2].partition("fixtures")[0]
    names = re.findall(r"^([a-z]\w+)", section, re.MULTILINE)

    assert set(names) == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


def test_each_test_has_an_account_of_its_own_and_leaves_nothing(tmp_path: Path) -> None:
    text = """
import pytest

@pytest.mark.parametrize("time", [1, 2])
def test_it(pocketbus, time):
    assert pocketbus.client("sqs").list_queues().get("QueueUrls", []) == []
    assert pocketbus.client("sts").get_caller_identity()["Account"] == pocketbus.account
    assert pocketbus.account == f"10000000000{time - 1}"
    pocketbus.client("sqs").create_queue(QueueName="orders")
    pocketbus.freeze()
    pocketbus.fault("throttle")
    assert pocketbus.snapshots() == []
    pocketbus.save("before")

def test_after_them(pocketbus, pocketbus_server):
    assert pocketbus_server.faults() == []
    assert pocketbus_server.look("queues") == []
    assert pocketbus_server.snapshots() == []
    assert not pocketbus.call(lambda engine: engine.clock.frozen)
"""
    output = run(tmp_path, text)

    assert "3 passed" in output, output


def test_the_environment_is_as_it_was_afterwards(tmp_path: Path) -> None:
    text = """
import os

def test_it(pocketbus, pocketbus_environment):
    assert os.environ["AWS_ENDPOINT_URL"] == pocketbus.url
    assert os.environ["AWS_ACCESS_KEY_ID"] == pocketbus.account
    assert "AWS_PROFILE" not in os.environ

def test_after_it():
    assert os.environ["AWS_PROFILE"] == "mine"
    assert "AWS_ENDPOINT_URL" not in os.environ
"""
    output = run(tmp_path, text)

    assert "2 passed" in output, output


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            'expect_message("orders", matching="body == \'two\'", timeout=0.05)',
            "did not come; there were 0 matches",
        ),
        ('expect_no_message("orders", quiet=0.01)', "No message was expected."),
    ],
)
def test_an_expectation_that_is_not_met_says_what_there_was(tmp_path: Path, line: str, why: str) -> None:
    text = f"""
def test_it(pocketbus, expect_message, expect_no_message):
    sqs = pocketbus.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    {line}
"""
    output = run(tmp_path, text)

    assert why in output
    assert "orders holds 1 messages:" in output
    assert "ready: one" in output
    assert re.search(r"^\S+Z +sent +orders +\S+$", output, re.MULTILINE)


def test_a_failing_test_of_an_emulator_of_its_own_shows_its_trace_too(tmp_path: Path) -> None:
    text = """
def test_it(pocketbus_in_process):
    sqs = pocketbus_in_process.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    for number in range(70):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    assert False
"""
    trace = run(tmp_path, text).partition("pocketbus trace ")[2]

    assert "... 10 earlier records ..." in trace
    assert len(re.findall(r" sent +orders ", trace)) == 60


def test_a_test_that_asks_for_nothing_pays_for_nothing(tmp_path: Path) -> None:
    text = """
import sys

def test_it():
    loaded = {name for name in sys.modules if name.startswith("pocketbus")}
    assert loaded == {"pocketbus", "pocketbus.pytest_plugin"}
    assert "boto3" not in sys.modules
    assert False
"""
    output = run(tmp_path, text)

    assert "assert False" in output
    assert "pocketbus trace" not in output


AUTOUSE = "pocketbus_autouse = true\n"


def test_with_autouse_every_test_is_in_an_account_of_its_own_without_asking(tmp_path: Path) -> None:
    text = """
import boto3
import pytest

@pytest.mark.parametrize("time", [1, 2])
def test_it(time):
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    boto3.client("sqs").create_queue(QueueName="orders")
    assert boto3.client("sts").get_caller_identity()["Account"] == f"10000000000{time - 1}"
"""

    assert "2 passed" in (output := run(tmp_path, text, settings=AUTOUSE)), output
    assert "2 passed" in (output := run(tmp_path, text, "-n", "1", settings=AUTOUSE)), output


def test_with_autouse_clients_that_are_made_at_import_reach_the_runs_server(tmp_path: Path) -> None:
    text = """
import boto3
import pytest

sqs = boto3.client("sqs")

@pytest.fixture(scope="session")
def queue():
    return boto3.client("sqs").create_queue(QueueName="shared")["QueueUrl"]

def test_it(queue, pocketbus_server):
    assert sqs.get_queue_url(QueueName="early")["QueueUrl"].endswith("/000000000000/early")
    assert len(pocketbus_server.look("queues")) == 2

sqs.create_queue(QueueName="early")
"""
    output = run(tmp_path, text, settings=AUTOUSE)

    assert "1 passed" in output, output


def test_the_mixin_goes_with_unittest_itself(tmp_path: Path) -> None:
    text = next(example for example in examples(PAGE) if "EmulatorMixin" in example)
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", "test_it"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "test_an_order_waits (test_it.TestOrders.test_an_order_waits) ... ok" in done.stderr


FAILING = """
def test_a_job_is_done(pocketbus):
    sqs = pocketbus.client("sqs")
    queue = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="resize photo 7")
    sqs.receive_message(QueueUrl=queue)
    pocketbus.advance(5)
    assert pocketbus.messages("jobs") == []


def test_another_is_done(pocketbus):
    pocketbus.client("sqs").create_queue(QueueName="jobs")
"""


def test_a_failing_test_leaves_a_journal_that_shows_the_step_at_which_it_went_wrong(tmp_path: Path) -> None:
    output = run(tmp_path, FAILING, "--pocketbus-journal=on-failure")
    (command,) = re.findall(r"^pocketbus (replay .*)$", output, re.MULTILINE)

    assert [path.name for path in (tmp_path / "pocketbus-journals").iterdir()] == [
        "test_it.py_test_a_job_is_done.journal"
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pocketbus", *command.split()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    last, happened = done.stdout.splitlines()[-2:]
    assert re.search(" (advance|settle) ", last)
    assert happened.endswith("visibility timeout over")


def test_without_the_option_nothing_is_left(tmp_path: Path) -> None:
    assert "1 failed, 1 passed" in run(tmp_path, FAILING)
    assert not (tmp_path / "pocketbus-journals").exists()
