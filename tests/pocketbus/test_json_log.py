"""Logs as JSON lines."""

import json
import logging
import sys

import pytest

from pocketbus.apis.requests import Answered, Asked
from pocketbus.json_log import JsonLines, log_request

ANSWERED = Answered(Asked("sqs", "SendMessage", 200), "000000000000", "eu-west-1", "id-1", 0.00123456)


def test_a_request_is_one_object_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pocketbus.requests")

    log_request(ANSWERED)

    (record,) = caplog.records
    line = json.loads(JsonLines().format(record))
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "pocketbus.requests",
        "message": "request",
        "request_id": "id-1",
        "service": "sqs",
        "operation": "SendMessage",
        "account": "000000000000",
        "region": "eu-west-1",
        "status": 200,
        "duration_seconds": 0.001235,
    }


def test_above_the_level_info_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "pocketbus.requests")

    log_request(ANSWERED)

    assert caplog.records == []


def test_an_exception_is_told_without_its_text() -> None:
    try:
        dict[str, str]()["the body of a message"]
    except KeyError:
        record = logging.LogRecord(
            "pocketbus", logging.ERROR, __file__, 1, "request %s failed", ("id-1",), sys.exc_info()
        )

    line = JsonLines().format(record)

    assert "the body of a message" not in line
    told = json.loads(line)
    assert (told["message"], told["error"]) == ("request id-1 failed", "KeyError")
    assert "in test_an_exception_is_told_without_its_text" in told["stack"][0]
