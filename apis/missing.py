"""Helps whoever asks in the wrong place: AWS's error says nothing of it, so the log does."""

import logging
from typing import TypeVar

from pocketbus.apis.call import Call
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.inspection.find import elsewhere

Error = TypeVar("Error", bound=EngineError)

_log = logging.getLogger("pocketbus")
_TOLD = 3


def missing(call: Call, error: Error, arn: str) -> Error:
    """Return the error for what is not there, having logged in which accounts and regions there is one so named."""
    others = elsewhere(call.engine, arn)
    if others:
        _log.info(
            "request %s: there is no %s; there is %s: do the clients' access keys and regions agree?",
            call.request_id,
            arn,
            ", ".join(others[:_TOLD]),
        )
    return error
