"""wait, explain, clock, faults, reset, import: what AWS does not have."""

import json
from collections.abc import Callable
from pathlib import Path

from pocketbus import Emulator
from pocketbus.emulator.scope import SERVICES
from tests.pocketbus.command.conftest import Run

EVENT = '\'{"source": "shop", "detail": {"total": %d}}\''


def test_a_wait_that_is_met_shows_what_came(run: Run, send: Callable[[str], str]) -> None:
    send("resize photo 7")

    done = run("pocketbus wait jobs --matching \"contains(body, 'photo')\" --timeout 5")

    assert done.status == 0
    assert done.out.startswith("it is there: 1 match\n")
    assert '"body": "resize photo 7"' in done.out


def test_a_wait_that_is_not_met_has_another_status(run: Run) -> None:
    done = run("pocketbus wait jobs --timeout 0.05 --json")

    assert (done.status, done.json["met"]) == (1, False)


def test_one_thing_can_be_waited_for(run: Run) -> None:
    done = run("pocketbus wait jobs --outbox")

    assert (done.status, done.err) == (2, "pocketbus wait: name one of QUEUE, --outbox and --trace\n")


def test_an_explanation_tells_each_rules_reason(run: Run) -> None:
    assert run(f"pocketbus explain --event {EVENT % 2400}").status == 0

    done = run(f"pocketbus explain --event {EVENT % 12}")

    assert done.status == 1
    assert done.out.splitlines()[1] == (
        "no       rule/high-value       detail.total: found 12, wanted a number > 1000"
    )


def test_what_passed_is_explained_by_its_id(run: Run, emulator: Emulator) -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:news"
    subject = emulator.client("sns").publish(TopicArn=topic, Message="hello")["MessageId"]

    done = run(f"pocketbus explain {subject}")

    assert (done.status, "color" in done.out) == (1, True)


def test_subscriptions_are_asked_about_a_message(run: Run) -> None:
    assert run("pocketbus explain --message hi --topic news --attribute color=red").status == 0
    assert run("pocketbus explain --message hi").status == 2


def test_the_clock_is_moved_and_tells_what_happened(
    run: Run, emulator: Emulator, send: Callable[[str], str]
) -> None:
    assert ", frozen, nothing is due" in run("pocketbus clock freeze 2026-01-01").out
    send("one")
    emulator.client("sqs").receive_message(QueueUrl="http://localhost:4566/000000000000/jobs")

    lines = run("pocketbus clock advance PT30S").out.splitlines()

    assert lines[0].startswith("2026-01-01T00:00:30.000Z  returned      jobs ")
    assert lines[1].startswith("2026-01-01T00:00:30.000Z, frozen, ")
    assert ", running, " in run("pocketbus clock thaw").out


def test_a_move_of_the_clock_needs_its_time(run: Run) -> None:
    done = run("pocketbus clock advance")

    assert (done.status, done.err) == (
        2,
        "pocketbus clock: advance needs a duration, such as PT10M\n",
    )
    assert run("pocketbus clock thaw PT1M").status == 2


def test_a_fault_is_made_listed_and_cleared(run: Run) -> None:
    made = run("pocketbus faults error --operation SendMessage --set code=AccessDenied --count 2")
    assert made.status == 0

    line = run("pocketbus faults").out.splitlines()[1]
    refused = run("pocketbus send jobs one")

    assert "error" in line
    assert "code=AccessDenied" in line
    assert refused.err == "pocketbus send: AccessDenied: A fault was set to answer so.\n"
    assert run("pocketbus faults clear").out == "1 fault cleared\n"
    assert run("pocketbus faults").out == "no faults\n"


def test_a_preset_makes_its_faults(run: Run) -> None:
    made = run("pocketbus faults at-least-once --resource jobs --json").json

    assert [one["kind"] for one in made] == ["duplicate", "reorder"]


def test_a_kind_that_is_none_is_refused_with_those_there_are(run: Run) -> None:
    done = run("pocketbus faults lions")

    assert done.status == 1
    assert "throttle" in done.err


def test_a_crash_returns_what_is_in_flight(run: Run, emulator: Emulator, send: Callable[[str], str]) -> None:
    send("one")
    emulator.client("sqs").receive_message(QueueUrl="http://localhost:4566/000000000000/jobs")

    assert run("pocketbus faults crash jobs").out == "1 message back in jobs\n"


def test_a_reset_forgets_a_part(run: Run, emulator: Emulator) -> None:
    assert run("pocketbus reset --service sqs").out == "forgotten: service sqs\n"
    assert (len(emulator.look("queues")), len(emulator.look("topics"))) == (0, 1)
    assert run("pocketbus reset").out == "forgotten: everything\n"
    assert emulator.look("topics") == []


def test_a_state_comes_back(run: Run, emulator: Emulator, send: Callable[[str], str], tmp_path: Path) -> None:
    send("one")
    document = tmp_path / "state.json"
    document.write_text(json.dumps(emulator.export_state()), encoding="utf-8")
    emulator.reset()

    assert run(f"pocketbus import {document}").out == "imported\n"
    assert [message.body for message in emulator.messages("jobs")] == ["one"]


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    done = run("pocketbus import nowhere.json")

    assert (done.status, done.err) == (
        1,
        "pocketbus import: nowhere.json cannot be read: No such file or directory\n",
    )


def test_every_service_with_a_state_can_be_reset_alone(run: Run) -> None:
    assert [run(f"pocketbus reset --service {service}").status for service in SERVICES] == [0] * len(SERVICES)


def test_faults_are_shown_as_json_has_them(run: Run) -> None:
    done = run("pocketbus faults throttle --service scheduler")

    assert done.status == 0
    assert "probability=1.0, " in done.out
    assert "over=false" in done.out
