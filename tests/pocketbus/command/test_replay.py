"""`pocketbus replay` and `pocketbus at`: steps, selections, what was there, mistakes."""

import json
import re
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
        ("replay {data} --to never", 2, "replay: 'never' is no instant"),
        ("at 2026-01-01T00:00:00Z --data {data} dance", 2, "replay: dance is no command that asks a server"),
    ],
)
def test_a_mistake_is_told(
    run: Run, kept: tuple[Path, list[str]], command: str, status: int, reason: str
) -> None:
    done = run(f"pocketbus {command.format(data=kept[0])}")

    assert (done.status, reason in done.err) == (status, True), done.err


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
        rf"pocketbus \w+: The journal has no {told}: it goes from 20\S+Z, input 1, to "
        r"2026-01-01T00:00:00.000Z, input 6\.\n",
        done.err,
    ), done.err


def test_a_file_is_replayed_as_its_folder_is(run: Run, kept: tuple[Path, list[str]]) -> None:
    (file,) = kept[0].glob("*.journal")

    assert run(f"pocketbus replay {file}") == run(f"pocketbus replay {kept[0]}")
