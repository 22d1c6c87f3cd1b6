"""A server with a journal: its paths, and what it is after it was killed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from pocketbus import Emulator
from pocketbus.__main__ import main
from tests.children import started
from tests.end_to_end.conftest import Server
from tests.end_to_end.crash import Client, GoneError, url

PRLIMIT = shutil.which("prlimit")


class Asked:
    """A server that is asked over HTTP."""

    def __init__(self, base_url: str, process: "subprocess.Popen[str]") -> None:
        self.base_url = base_url
        self.process = process
        self.client = Client(int(base_url.rpartition(":")[2]))

    def send(self, *bodies: str) -> None:
        self.client.json("sqs", "CreateQueue", QueueName="jobs")
        for body in bodies:
            self.client.json("sqs", "SendMessage", QueueUrl=url("jobs"), MessageBody=body)

    def bodies(self) -> list[str]:
        return [message["body"] for message in self.client.control("messages?queue=jobs")["messages"]]


def ask(base_url: str, path: str, method: str = "GET") -> Any:
    with urlopen(Request(f"{base_url}/_pocketbus/{path}", method=method), timeout=60) as answer:
        return [json.loads(line) for line in answer.read().splitlines()]


@contextmanager
def following(server: Asked, query: str) -> Iterator[Iterator[Any]]:
    """Follow the journal; what is sent as a sign of life is left out."""
    with urlopen(f"{server.base_url}/_pocketbus/journal?follow=true&{query}", timeout=60) as answer:
        assert answer.readline() == b"\n"
        yield (json.loads(line) for line in answer if line != b"\n")


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Asked]:
    command = [sys.executable, "-m", "pocketbus", "--port", "0", "--data", str(folder), *options]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline().split()[2].rstrip(",")
        assert process.stdout.readline() == "Ready.\n"
        asked = Asked(where, process)
        try:
            yield asked
        finally:
            asked.client.close()


def test_the_journal_is_looked_at_and_gone_back_in(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.send("one", "two", "three")

        (second,) = (
            step
            for step in ask(server.base_url, "journal?resource=jobs")
            if step["arguments"][0].get("MessageBody") == "two"
        )
        (sent,) = second["happened"]
        (same,) = ask(server.base_url, f"journal?message={sent['subject']}")
        assert (sent["verb"], same) == ("sent", second)

        with urlopen(f"{server.base_url}/_pocketbus/state?at={second['at']}", timeout=60) as answer:
            state = answer.read().decode()
        assert ("two" in state, "three" in state) == (True, False)

        (went,) = ask(server.base_url, f"rewind?to={second['position']}", "POST")
        assert server.bodies() == ["one", "two"]
        server.process.kill()

    with serving(tmp_path, "--sync", "disk") as server:
        assert server.bodies() == ["one", "two"]

        (status,) = ask(server.base_url, "journal/status")
        assert (status["folder"], status["snapshot"]) == (str(tmp_path), None)
        with urlopen(f"{server.base_url}/_pocketbus/ui/trouble", timeout=60) as page:
            assert f"{status['position']} inputs, {status['bytes']:,} bytes in" in page.read().decode()
        server.send("another third")
        ask(server.base_url, f"rewind?to={went['before']}", "POST")
        assert server.bodies() == ["one", "two", "three"]

        (told,) = ask(server.base_url, "journal/branches")
        later, first = told["branches"]
        assert (first["before"], first["to"]) == (went["before"], str(second["position"]))
        ask(server.base_url, f"rewind?to={later['before']}", "POST")
        assert server.bodies() == ["one", "two", "another third"]


def test_a_folder_named_from_where_the_server_was_started_is_looked_back_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(Path("pocketbus-data")) as server:
        server.send("one", "two")
        started_at, made, one, _ = ask(server.base_url, "journal")
        ask(server.base_url, f"rewind?to={one['position']}", "POST")

        assert (started_at["name"], made["name"]) == ("start", "sqs.CreateQueue")
        assert server.bodies() == ["one"]


def test_the_journal_is_followed_as_it_grows(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.send("before")
        with following(server, "resource=jobs") as live, following(server, "after=0&resource=jobs") as all_:
            server.client.json("sqs", "CreateQueue", QueueName="others")
            server.send("now")
            steps = [next(live) for _ in range(2)]
            whole = [next(all_) for _ in range(4)]
            message_id = steps[1]["happened"][0]["subject"]
            with following(server, f"after=0&message={message_id}") as story:
                assert next(story) == steps[1]

        (same,) = ask(server.base_url, f"journal?after={steps[0]['position']}&resource=jobs")

    assert [step["name"] for step in whole] == ["sqs.CreateQueue", "sqs.SendMessage"] * 2
    assert (whole[2:], same) == (steps, steps[1])


@pytest.mark.parametrize(
    ("path", "method"), [("journal", "GET"), ("state?at=1", "GET"), ("rewind?to=1", "POST")]
)
def test_without_a_journal_the_way_to_one_is_told(server: Server, path: str, method: str) -> None:
    with pytest.raises(HTTPError) as refused:
        ask(server.url, path, method)

    assert refused.value.code == 400
    assert (
        json.load(refused.value)["error"]
        == "The server keeps no journal in a folder, where the past could be looked up: start it with --data DIR. "
        "A cluster (--journal) has none."
    )


def test_an_instant_that_is_none_is_told(tmp_path: Path) -> None:
    with serving(tmp_path) as server, pytest.raises(HTTPError) as refused:
        ask(server.base_url, "state?at=never")

    assert refused.value.code == 400
    assert "'never' is no instant" in json.load(refused.value)["error"]


@pytest.mark.parametrize("to", ["99999", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
def test_a_way_to_a_place_that_is_not_in_the_journal_is_refused(tmp_path: Path, to: str) -> None:
    with serving(tmp_path) as server:
        server.send("one")
        with pytest.raises(HTTPError) as refused:
            ask(server.base_url, f"rewind?to={to}", "POST")

        assert refused.value.code == 400
        assert re.fullmatch(
            r"The journal has no (input|instant) \S+: it goes from \S+Z, input 1, to \S+Z, input 3\.",
            json.load(refused.value)["error"],
        )
        assert server.bodies() == ["one"]


def test_a_moment_ago_is_in_the_journal_of_a_server_that_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.send("one")
        now = server.client.control("clock")["now"]
        with urlopen(f"{server.base_url}/_pocketbus/state?at={now}", timeout=60) as answer:
            state = answer.read().decode()

    assert '"one"' in state


def test_old_files_are_found_where_the_tier_is(tmp_path: Path) -> None:
    folder, tier = tmp_path / "data", tmp_path / "old"
    with serving(folder) as server:
        server.send("one")
    with serving(folder, "--strict", "on") as server:  # other settings begin with a snapshot
        server.send("two")
    tier.mkdir()
    oldest = folder / "0000000000000000.journal"
    shutil.move(oldest, tier / oldest.name)

    with serving(folder, "--strict", "on", "--tier", str(tier)) as server:
        assert server.bodies() == ["one", "two"]
        steps = ask(server.base_url, "journal?resource=jobs")
    sent = [step["arguments"][0].get("MessageBody") for step in steps]
    assert [body for body in sent if body] == ["one", "two"]
    shown = subprocess.run(
        [
            sys.executable,
            "-m",
            "pocketbus",
            "at",
            str(steps[1]["position"]),
            "peek",
            "jobs",
            "--data",
            str(folder),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ("one" in shown.stdout, "two" in shown.stdout) == (True, False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tier", "/old"), "--tier is where old files of --data go: give a folder with --data, too"),
        (("--sync", "disk"), "--sync disk is how the folder of --data is written: give one with --data, too"),
        (
            ("--node-url", "http://bus-1:4566"),
            "--node-url is of a node of a cluster: give its log with --journal, too",
        ),
        (("--tier", "gs://old"), "'gs://old' is no place for old files; give a folder or s3://bucket/prefix"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(options: tuple[str, ...], said: str) -> None:
    command = [sys.executable, "-m", "pocketbus", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path):
        command = [sys.executable, "-m", "pocketbus", "--port", "0", "--data", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "two servers cannot write one journal" in done.stderr


@pytest.mark.parametrize(
    ("place", "why"), [("/proc/nope", "it cannot be made there"), ("{file}", "{file} is a file")]
)
def test_a_folder_that_cannot_be_made_is_refused_with_what_to_do(
    tmp_path: Path, place: str, why: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    data, reason = place.format(file=file), why.format(file=file)
    command = [sys.executable, "-m", "pocketbus", "--port", "0", "--data", data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        f"pocketbus: {data} cannot be used for data: {reason}; choose another folder with --data or POCKETBUS_DATA, or "
        "none.\n"
    )


@pytest.mark.skipif(PRLIMIT is None, reason="prlimit is not installed")
def test_a_journal_that_cannot_be_written_ends_the_server_before_it_answers(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.send("kept")
        (segment,) = tmp_path.glob("*.journal")
        limit = f"--fsize={segment.stat().st_size}"
        subprocess.run([str(PRLIMIT), f"--pid={server.process.pid}", limit], check=True)
        with pytest.raises(GoneError):
            server.send("lost")
        assert server.process.wait(timeout=60) == 74

    with serving(tmp_path) as server:
        assert server.bodies() == ["kept"]


PAGE = (Path(__file__).parents[2] / "docs" / "JOURNAL.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which there is the journal that the page tells of."""
    folder = tmp_path_factory.mktemp("journal")
    with Emulator(data=folder / "pocketbus-data") as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T12:00:00Z")
        sqs = emulator.client("sqs")
        queue = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody="m0")
        emulator.advance(60)
    return folder


@pytest.mark.parametrize(
    "lines", re.findall(r"^```sh\n(pocketbus (?:at|replay) .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)
def test_the_pages_examples_work(kept: Path, lines: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-ec", lines],
        cwd=kept,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "orders" in done.stdout
    if "replay" in lines:
        shown = PAGE.split(lines, 1)[1].split("```text\n", 1)[1].split("```", 1)[0]
        assert _without_numbers(done.stdout) == _without_numbers(shown)


def _without_numbers(text: str) -> str:
    """Leave out what differs from run to run: the numbers of inputs, and ids."""
    return re.sub(r"^ +\d+ |[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text, flags=re.MULTILINE)


def test_the_page_names_every_option_of_a_replay(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help", "--data"}

    assert {option for option in options if f"`{option}" not in PAGE} == set()


def test_metrics_tell_of_the_journal(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.send("one")
        with urlopen(f"{server.base_url}/metrics", timeout=60) as answer:
            text = answer.read().decode()

    assert "pocketbus_journal_inputs_total 3.0\n" in text
    assert re.search(r"^pocketbus_journal_written_bytes_total [1-9]", text, re.MULTILINE)
    assert "pocketbus_journal_snapshots_total 0.0\n" in text
