"""send, publish, put-event: what a person types arrives."""

import io
import json

import pytest

from pocketbus import Emulator
from tests.pocketbus.command.conftest import QUEUE, Run


def test_a_message_arrives_with_its_attributes(run: Run, emulator: Emulator) -> None:
    done = run("pocketbus send jobs 'resize photo 7' --attribute size=large --delay 60")

    (message,) = emulator.messages("jobs")
    assert (done.status, done.out) == (0, f"sent to jobs: {message.message_id}\n")
    assert (message.body, message.state) == ("resize photo 7", "delayed")
    assert message.attributes == {"size": {"data_type": "String", "value": "large"}}


def test_a_queue_is_named_by_its_arn_or_its_url_too(run: Run, emulator: Emulator) -> None:
    assert run(f"pocketbus send {QUEUE} one").status == 0
    assert run(f"pocketbus send {emulator.url}/000000000000/jobs two").status == 0
    assert [message.body for message in emulator.messages("jobs")] == ["one", "two"]


def test_a_fifo_message_has_its_group_and_id(run: Run, emulator: Emulator) -> None:
    run("pocketbus send mails.fifo hello --group ada --deduplication-id 1")

    (message,) = emulator.messages("mails.fifo")
    assert (message.group_id, message.deduplication_id) == ("ada", "1")


def test_the_text_may_come_on_standard_input(
    run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe"))

    run("pocketbus send jobs")

    assert emulator.messages("jobs")[0].body == "from a pipe"


def test_a_refusal_of_aws_is_told_in_its_words(run: Run) -> None:
    done = run("pocketbus send mails.fifo hello")

    assert done.status == 1
    assert done.err == (
        "pocketbus send: MissingRequiredParameterException: "
        "The request must contain the parameter MessageGroupId.\n"
    )


def test_an_attribute_that_is_none_is_wrong_usage(run: Run) -> None:
    done = run("pocketbus send jobs one --attribute size")

    assert (done.status, done.err) == (2, "pocketbus send: 'size' is not of the form NAME=VALUE\n")


def test_a_publication_goes_to_whom_its_attributes_suit(run: Run, emulator: Emulator) -> None:
    done = run("pocketbus publish news 'photo 7 is there' --attribute color=red --json")
    run("pocketbus publish news 'photo 8 is there' --attribute color=blue")

    (message,) = emulator.messages("jobs")
    assert json.loads(message.body)["Message"] == "photo 7 is there"
    assert json.loads(message.body)["MessageId"] == done.json["MessageId"]


def test_an_event_reaches_the_rules_target(run: Run, emulator: Emulator) -> None:
    done = run("pocketbus put-event '{\"total\": 2400}' --source shop --detail-type order.placed")

    (message,) = emulator.messages("jobs")
    event = json.loads(message.body)
    assert (event["source"], event["detail-type"], event["detail"]) == (
        "shop",
        "order.placed",
        {"total": 2400},
    )
    assert done.out == f"put on default: {event['id']}\n"


def test_an_event_that_is_no_json_is_not_put(run: Run) -> None:
    done = run("pocketbus put-event '{total'")

    assert (done.status, done.err) == (1, "pocketbus put-event: MalformedDetail: Detail is malformed.\n")


def test_a_topic_that_is_not_there(run: Run) -> None:
    done = run("pocketbus publish olds hello")

    assert done.status == 1
    assert done.err == (
        "pocketbus publish: There is no topic olds. `pocketbus topics` lists those there are; "
        "any client makes one, and so does `pocketbus import SEED`.\n"
    )
