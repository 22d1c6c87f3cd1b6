"""queues, topics, rules, peek, health: what there is, in tables and as JSON."""

from collections.abc import Callable

import pytest

from pocketbus import Emulator
from tests.pocketbus.command.conftest import QUEUE, Run


def test_queues_are_a_table_with_what_they_hold(run: Run, send: Callable[[str], str]) -> None:
    send("one")

    done = run("pocketbus queues")

    assert done.status == 0
    assert done.out.splitlines() == [
        "QUEUE       READY  DELAYED  IN FLIGHT  POLLS  ACCOUNT       REGION",
        "jobs-dlq    0      0        0          0      000000000000  us-east-1",
        "jobs        1      0        0          0      000000000000  us-east-1",
        "mails.fifo  0      0        0          0      000000000000  us-east-1",
    ]


def test_json_is_what_the_control_path_tells(run: Run) -> None:
    assert [one["arn"] for one in run("pocketbus queues --json").json][1] == QUEUE


def test_account_and_region_select(run: Run, emulator: Emulator) -> None:
    emulator.client("sqs", region_name="eu-west-1").create_queue(QueueName="far")

    assert [one["name"] for one in run("pocketbus queues --json --region eu-west-1").json] == ["far"]
    assert run("pocketbus queues --json --account 123456789012").json == []


def test_topics_and_their_subscriptions(run: Run) -> None:
    assert run("pocketbus topics").out.splitlines()[1].split() == [
        *("news", "standard", "1", "000000000000", "us-east-1")
    ]
    assert run("pocketbus topics --subscriptions").out.splitlines()[1] == (
        f'news   sqs       {QUEUE}  yes        {{"color": ["red"]}}'
    )


def test_rules_with_their_pattern_and_targets(run: Run) -> None:
    assert run("pocketbus rules").out.splitlines()[1] == (
        'high-value  default  ENABLED  {"detail": {"total": [{"numeric": [">", 1000]}]}}  jobs'
    )


def test_rules_of_a_bus_that_is_not_there(run: Run) -> None:
    done = run("pocketbus rules --bus orders")

    assert (done.status, done.err) == (1, "pocketbus rules: There is no event bus orders.\n")


def test_peek_shows_messages_in_every_state_and_receives_none(
    run: Run, send: Callable[[str], str], emulator: Emulator
) -> None:
    message_id = send("one\nand\u202emore")

    line = run("pocketbus peek jobs").out.splitlines()[1]

    assert line.split("  ")[0] == "ready"
    assert line.endswith(f"  0         {message_id}  one\\nand\\u202emore")
    assert emulator.messages("jobs")[0].receive_count == 0
    assert run("pocketbus peek jobs --state in_flight --json").json == []


def test_a_queue_elsewhere_is_named(run: Run, emulator: Emulator) -> None:
    emulator.client("sqs", region_name="eu-west-1").create_queue(QueueName="far")

    done = run("pocketbus peek far")

    assert done.status == 1
    assert done.err == (
        "pocketbus peek: There is no queue far. Elsewhere there is arn:aws:sqs:eu-west-1:000000000000:far.\n"
    )
    assert run("pocketbus peek far --region eu-west-1").status == 0


def test_health_of_a_server_that_is_up(run: Run, emulator: Emulator) -> None:
    done = run("pocketbus health")

    assert done.status == 0
    assert done.out.startswith(f"{emulator.url} is up: pocketbus ")


def test_where_no_server_is_the_message_says_what_to_do(run: Run) -> None:
    done = run("pocketbus health --url http://127.0.0.1:1 --timeout 0.2")

    assert done.status == 1
    assert done.err.startswith("pocketbus health: no server answers at http://127.0.0.1:1: ")
    assert done.err.endswith("; start one with `pocketbus`, or name another with --url or POCKETBUS_URL\n")


@pytest.mark.parametrize("url", ["http://[::1", "localhost:4566", "ftp://localhost"])
def test_an_address_that_is_none_is_told_so(run: Run, url: str) -> None:
    done = run(f"pocketbus queues --url '{url}'")

    assert (done.status, done.out) == (1, "")
    assert (
        done.err
        == f"pocketbus queues: no server answers at {url}: give an address such as http://localhost:4566\n"
    )
