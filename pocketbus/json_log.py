"""Logs as JSON, one object a line: each request, and whatever else is logged. No body, no credential, ever."""

import json
import logging
import traceback
from typing import Any

from pocketbus.apis.requests import Answered
from pocketbus.emulator.time.duration import iso

_log = logging.getLogger("pocketbus.requests")
_REQUEST = "request"


class JsonLines(logging.Formatter):
    """Writes a record as JSON. An exception is told by its kind and place: its text may be something that was sent."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _REQUEST, {}),
        }
        kind = record.exc_info[0] if record.exc_info else None
        if record.exc_info and kind is not None:
            line["error"] = kind.__name__
            line["stack"] = [
                f"{frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line)


def log_request(answered: Answered) -> None:
    """Log one request of an operation of AWS."""
    if not _log.isEnabledFor(logging.INFO):
        return
    service, operation, status = answered.asked
    about = {
        "request_id": answered.request_id,
        "service": service,
        "operation": operation,
        "account": answered.account,
        "region": answered.region,
        "status": status,
        "duration_seconds": round(answered.seconds, 6),
    }
    _log.info("request", extra={_REQUEST: about})
