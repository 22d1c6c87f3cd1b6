"""redrive and purge."""

from collections.abc import Callable

from pocketbus import Emulator
from tests.pocketbus.command.conftest import Run

URL = "http://localhost:4566/000000000000/jobs"


def dead_letter(emulator: Emulator, send: Callable[[str], str], text: str) -> None:
    """Let a message be received as often as it may be, and once more."""
    emulator.freeze()
    send(text)
    sqs = emulator.client("sqs")
    sqs.receive_message(QueueUrl=URL)
    emulator.advance(30)
    sqs.receive_message(QueueUrl=URL)
    emulator.follow_the_system()


def test_dead_letters_go_back(run: Run, emulator: Emulator, send: Callable[[str], str]) -> None:
    dead_letter(emulator, send, "one")
    assert emulator.messages("jobs") == []

    done = run("pocketbus redrive jobs-dlq")

    assert (done.status, done.out) == (0, "jobs-dlq: completed, 1 of 1 message moved\n")
    assert [message.body for message in emulator.messages("jobs")] == ["one"]


def test_under_a_frozen_clock_it_says_what_it_waits_for(
    run: Run, emulator: Emulator, send: Callable[[str], str]
) -> None:
    dead_letter(emulator, send, "one")
    emulator.freeze()

    assert run("pocketbus redrive jobs-dlq").out == (
        "jobs-dlq: running, 0 of 1 message moved\nthe clock is frozen: it goes on as the clock is moved\n"
    )


def test_dead_letters_go_elsewhere(run: Run, emulator: Emulator, send: Callable[[str], str]) -> None:
    emulator.client("sqs").create_queue(QueueName="repair")
    dead_letter(emulator, send, "one")

    run("pocketbus redrive jobs-dlq --to repair")

    assert [message.body for message in emulator.messages("repair")] == ["one"]


def test_a_queue_that_is_no_dead_letter_queue_is_refused(run: Run) -> None:
    done = run("pocketbus redrive jobs")

    assert done.status == 1
    assert done.err.endswith("Source queue must be configured as a Dead Letter Queue.\n")


def test_purge_says_how_many_there_were(run: Run, emulator: Emulator, send: Callable[[str], str]) -> None:
    send("one")
    send("two")

    assert run("pocketbus purge jobs").out == "jobs: 2 messages deleted\n"
    assert emulator.messages("jobs") == []
