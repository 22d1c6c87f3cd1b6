"""`pocketbus replay` and `pocketbus at`: steps, selections, what was there, mistakes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pocketbus import Emulator
from tests.pocketbus.command.conftest import Run


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, list[str]]:
    """The journal of two messages, one of which was received and came back; and their ids."""
    folder = tmp_path / "data"
    with Emulator(data=folder) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T00:00:00Z")
        sqs = emulator.client("sqs")
        queue = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
        ids = [sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"] for body in ("one", "two")]
        emulator.advance(1)
        sqs.receive_message(QueueUrl=queue)
        emulator.advance(5)
        emulator.in_account("111111111111").client("sns").create_topic(Name="news")
    return folder, ids


def steps(out: str) -> list[str]:
    """Return the names of the steps that are shown."""
    return re.findall(r"^ +\d+ \S+Z(?: \d{12})? ([a-z]+(?:\.\w+| [a-z ]+)?)", out, re.MULTILINE)


def test_every_input_is_shown_with_what_it_brought_about(run: Run, kept: tuple[Path, list[str]]) -> None:
    folder, (one, _) = kept

    done = run(f"pocketbus replay {folder}")

    assert done.status == 0
    assert [name for name in steps(done.out) if "." in name] == [
        "sqs.CreateQueue",
        "sqs.SendMessage",
        "sqs.SendMessage",
        "sqs.ReceiveMessage",
        "sns.CreateTopic",
    ]
    assert f"received      jobs                     {one}" in done.out
    assert f"returned      jobs                     {one}  visibility timeout over" in done.out


def test_one_message_is_followed(run: Run, kept: tuple[Path, list[str]]) -> None:
    folder, (one, two) = kept

    done = run(f"pocketbus replay {folder} --message {one} --json")
    verbs = [
        happening["verb"]
        for line in done.out.splitlines()
        for happening in json.loads(line)["happened"]
        if happening["subject"] == one
    ]

    assert verbs == ["sent", "received", "returned"]
    assert '"two"' not in done.out
    assert len(run(f"pocketbus replay {folder} --message {two} --json").out.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("--account 111111111111", ["sns.CreateTopic"]),
        ("--resource news", ["sns.CreateTopic"]),
        ("--since 2026-01-01T00:00:06Z", ["sns.CreateTopic"]),
        (
            "--to 2026-01-01T00:00:00Z --resource jobs",
            ["sqs.CreateQueue", "sqs.SendMessage", "sqs.SendMessage"],
        ),
    ],
)
def test_steps_are_selected(run: Run, kept: tuple[Path, list[str]], option: str, names: list[str]) -> None:
    assert [name for name in steps(run(f"pocketbus replay {kept[0]} {option}").out) if "." in name] == names


@pytest.mark.parametrize(
    ("instant", "states"),
    [
        ("2026-01-01T00:00:00Z", ["ready", "ready"]),
        ("2026-01-01T00:00:01Z", ["in_flight", "ready"]),
        ("2026-01-01T00:00:05Z", ["in_flight", "ready"]),
        ("2026-01-01T00:00:06Z", ["ready", "ready"]),
    ],
)
def test_a_queue_is_seen_as_it_was(
    run: Run, kept: tuple[Path, list[str]], instant: str, states: list[str]
) -> None:
    done = run(f"pocketbus at {instant} --data {kept[0]} peek jobs --json")

    assert [message["state"] for message in done.json] == states


def test_a_state_is_exported_as_it_was(run: Run, kept: tuple[Path, list[str]], tmp_path: Path) -> None:
    with Emulator() as emulator:
        emulator.import_state(run(f"pocketbus replay {kept[0]} --to 2026-01-01T00:00:01Z --export").json)

        assert [message.state for message in emulator.messages("jobs")] == ["in_flight", "ready"]


@pytest.mark.parametrize(
    ("command", "status", "reason"),
    [
        ("replay absent", 1, "replay: absent: there is no such file or folder."),
        (
            "at 2026-01-01T00:00:00Z --data {empty} queues",
            1,
            "at: The journal has no instant 2026-01-01T00:00:00.000Z",
        ),
        ("replay {data} --to never", 2, "replay: 'never' is no instant"),
        ("at 2026-01-01T00:00:00Z --data {data} dance", 2, "at: dance is no command that asks a server"),
    ],
)
def test_a_mistake_is_told(
    run: Run,
    kept: tuple[Path, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
    command: str,
    status: int,
    reason: str,
) -> None:
    done = run(f"pocketbus {command.format(data=kept[0], empty=tmp_path_factory.mktemp('empty'))}")

    assert (done.status, reason in done.err) == (status, True), done.err


@pytest.mark.parametrize(
    "line",
    [
        "send jobs hello",
        "publish news hello",
        "put-event detail",
        "redrive jobs",
        "purge jobs",
        "reset",
        "import seed.toml",
        "clock thaw",
        "faults throttle",
    ],
)
def test_a_command_that_would_change_the_past_is_refused(
    run: Run, kept: tuple[Path, list[str]], line: str
) -> None:
    done = run(f"pocketbus at 3 --data {kept[0]} {line}")

    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f"pocketbus at: {line} would change something, and the past is only looked at: go on from there with "
        "pocketbus replay JOURNAL --to INSTANT --serve PORT.\n"
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("clock", "2026-01-01T00:00:01.000Z, frozen, next at 2026-01-01T00:00:06.000Z"),
        ("faults", "no faults"),
    ],
)
def test_what_can_change_something_may_look_at_the_past(
    run: Run, kept: tuple[Path, list[str]], line: str, shown: str
) -> None:
    done = run(f"pocketbus at 2026-01-01T00:00:01Z --data {kept[0]} {line}")

    assert (done.status, done.out, done.err) == (0, f"{shown}\n", "")


def test_a_command_is_asked_about_the_account_that_is_shown(run: Run, kept: tuple[Path, list[str]]) -> None:
    assert [one["arn"] for one in run(f"pocketbus replay {kept[0]} --show 'topics --json'").json] == [
        "arn:aws:sns:us-east-1:111111111111:news"
    ]
    assert run(f"pocketbus replay {kept[0]} --account 000000000000 --show 'topics --json'").json == []


def test_what_is_under_way_in_a_damaged_journal_is_let_go_of(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        emulator.freeze()
        sns = emulator.client("sns")
        topic = sns.create_topic(Name="news")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/hook")
        emulator.client("sqs").create_queue(QueueName="jobs")
    (file,) = tmp_path.glob("*.journal")
    written = file.read_bytes()
    file.write_bytes(written.replace(b'"QueueName":"jobs"', b'"QueueName":"mobs"') + b"\n")

    done = subprocess.run(
        [sys.executable, "-m", "pocketbus", "replay", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert re.fullmatch(r"pocketbus replay: \S+ is damaged at byte \d+[^\n]*\n", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("0", "input 0"),
        ("9999", "input 9999"),
        ("2020-01-01T00:00:00Z", "instant 2020-01-01T00:00:00.000Z"),
        ("2030-01-01T00:00:00Z", "instant 2030-01-01T00:00:00.000Z"),
    ],
)
def test_a_place_that_is_not_in_the_journal_is_told_where_it_begins_and_ends(
    run: Run, tmp_path: Path, place: str, told: str
) -> None:
    with Emulator(data=tmp_path) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T00:00:00Z")
        emulator.client("sqs").create_queue(QueueName="jobs")

    done = run(f"pocketbus at {place} --data {tmp_path} queues")

    assert (done.status, done.out) == (1, "")
    assert re.fullmatch(
        rf"pocketbus at: The journal has no {told}: it goes from 20\S+Z, input 1, to "
        r"2026-01-01T00:00:00.000Z, input 6\.\n",
        done.err,
    ), done.err


def test_a_file_is_replayed_as_its_folder_is(run: Run, kept: tuple[Path, list[str]]) -> None:
    (file,) = kept[0].glob("*.journal")

    assert run(f"pocketbus replay {file}") == run(f"pocketbus replay {kept[0]}")
