"""The policies between a queue and its dead-letter queue: their JSON, read and written."""

import json
import re
from typing import Any

from pocketbus.apis.sqs.parameters import invalid
from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.queues.queue_settings import RedriveAllowPolicy, RedrivePolicy
from pocketbus.rules.json_text import load

_MAX_RECEIVE_COUNT = 1000
_MAX_SOURCE_QUEUES = 10
_COUNT = re.compile(r"\d{1,10}\Z")


def invalid_redrive_policy(policy: RedrivePolicy | str, reason: str) -> InvalidParameterValueException:
    text = policy if isinstance(policy, str) else write_redrive_policy(policy)
    return invalid("RedrivePolicy", text, reason)


def read_redrive_policy(text: str) -> RedrivePolicy | None:
    if not text:
        return None
    try:
        policy = load(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise invalid_redrive_policy(text, "Redrive policy is not a valid JSON map.")
    for key in ("maxReceiveCount", "deadLetterTargetArn"):
        if key not in policy:
            raise invalid_redrive_policy(text, f"Redrive policy does not contain mandatory attribute: {key}.")
    count = str(policy["maxReceiveCount"])
    if not _COUNT.match(count) or not 1 <= int(count) <= _MAX_RECEIVE_COUNT:
        reason = (
            f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        )
        raise invalid_redrive_policy(text, reason)
    return RedrivePolicy(str(policy["deadLetterTargetArn"]), int(count))


def write_redrive_policy(policy: RedrivePolicy) -> str:
    document = {
        "deadLetterTargetArn": policy.dead_letter_target,
        "maxReceiveCount": policy.max_receive_count,
    }
    return json.dumps(document, separators=(",", ":"))


def read_redrive_allow_policy(text: str) -> RedriveAllowPolicy | None:
    if not text:
        return None
    document = load(text)
    permission = document.get("redrivePermission") if isinstance(document, dict) else None
    # A tuple: what a client wrote may be a list, which no set can be asked for.
    if permission not in ("allowAll", "denyAll", "byQueue"):
        raise ValueError(text)
    sources = document.get("sourceQueueArns", [])
    listed = isinstance(sources, list) and all(isinstance(source, str) for source in sources)
    if not listed or len(sources) > _MAX_SOURCE_QUEUES or bool(sources) != (permission == "byQueue"):
        raise ValueError(text)
    return RedriveAllowPolicy(permission, tuple(sources))


def write_redrive_allow_policy(policy: RedriveAllowPolicy) -> str:
    document: dict[str, Any] = {"redrivePermission": policy.permission}
    if policy.sources:
        document["sourceQueueArns"] = list(policy.sources)
    return json.dumps(document, separators=(",", ":"))
