"""What AWS does not have: waiting, reasons, the clock, faults, the state."""

import json
import sys
import tomllib
from argparse import Namespace
from pathlib import Path
from typing import Any

from pocketbus.command.asking import UsageError
from pocketbus.command.outcome import Outcome, count_of, table
from pocketbus.command.remote import Remote, RemoteError
from pocketbus.command.sending import json_of, pairs
from pocketbus.emulator.time.duration import iso
from pocketbus.lines import line_of

_NEEDS = {"set": "an instant, such as 2026-01-01T00:00:00Z", "advance": "a duration, such as PT10M"}
_TIMES = {"set": "at", "freeze": "at", "advance": "by"}
_LIMITS = ("service", "operation", "resource", "probability", "count", "seconds", "seed")
_PRESETS = ("at-least-once",)


def wait(remote: Remote, options: Namespace) -> Outcome:
    if [options.queue is not None, options.outbox, options.trace].count(True) != 1:
        raise UsageError("name one of QUEUE, --outbox and --trace")
    place = {"queue": options.queue} | remote.where() if options.queue else {}
    names = ("subject", "matching", "count", "quiet", "timeout")
    answer = remote.control(
        "POST",
        "wait",
        **place,
        outbox=options.outbox or None,
        trace=options.trace or None,
        **{name: getattr(options, name) for name in names},
    )
    told = "it is there" if answer["met"] else "it did not come"
    lines = [f"{told}: {count_of(answer['count'], 'match').replace('matchs', 'matches')}"]
    lines += [f"  {json.dumps(item)}" for item in answer["items"]]
    return Outcome(answer, lines, int(not answer["met"]))


def explain(remote: Remote, options: Namespace) -> Outcome:
    found = remote.control("POST", "explain", limit=1000, **_asked(remote, options))["verdicts"]
    rows = [
        ("yes" if one["matches"] else "no", one["resource"].rpartition(":")[2], one["why"]) for one in found
    ]
    wanted = any(one["matches"] for one in found)
    lines = table(("MATCHES", "RULE OR SUBSCRIPTION", "WHY"), rows) if found else ["there is nobody to ask"]
    return Outcome(found, lines, int(not wanted))


def _asked(remote: Remote, options: Namespace) -> dict[str, Any]:
    given = [name for name in ("id", "event", "message") if getattr(options, name) is not None]
    match given:
        case ["id"]:
            return {"subject": options.id}
        case ["event"]:
            return {"event": json_of(options.event, "the event"), "bus": options.bus, **remote.where()}
        case ["message"] if options.topic:
            attributes = pairs(options.attribute) or None
            return {
                "message": options.message,
                "topic": options.topic,
                "attributes": attributes,
                **remote.where(),
            }
        case _:
            raise UsageError("give an ID, --event, or --message with --topic")


def clock(remote: Remote, options: Namespace) -> Outcome:
    action = options.action
    if action in _NEEDS and options.time is None:
        raise UsageError(f"{action} needs {_NEEDS[action]}")
    if options.time is not None and action not in _TIMES:
        raise UsageError(f"{action} takes no time")
    if action is None:
        answer = remote.control("GET", "clock")
    else:
        answer = remote.control("POST", f"clock/{action}", **_time(action, options.time))
    state = "frozen" if answer["frozen"] else "running"
    following = "nothing is due" if answer["next_at"] is None else f"next at {iso(answer['next_at'])}"
    lines = [line_of(record) for record in answer.get("fired", ())]
    return Outcome(answer, [*lines, f"{answer['time']}, {state}, {following}"])


def _time(action: str, time: str | None) -> dict[str, str]:
    return {} if time is None else {_TIMES[action]: time}


def faults(remote: Remote, options: Namespace) -> Outcome:
    match options.action:
        case None:
            return _shown(remote.control("GET", "faults")["faults"])
        case "clear":
            answer = remote.control("DELETE", "faults", number=options.number, account=remote.account)
            return Outcome(answer, [f"{count_of(answer['cleared'], 'fault')} cleared"])
        case "crash":
            return _crash(remote, options.number)
    if options.number is not None:
        raise UsageError(f"{options.action} takes no {options.number!r}")
    named = {"preset" if options.action in _PRESETS else "kind": options.action}
    limits = {name: getattr(options, name) for name in _LIMITS}
    made = remote.control("POST", "faults", **named, **limits, **pairs(options.set), **remote.where())
    return _shown(made["faults"])


def _shown(found: list[dict[str, Any]]) -> Outcome:
    rows = [
        (
            one["number"],
            one["kind"],
            one["struck"],
            *(
                ", ".join(
                    f"{name}={value if isinstance(value, str) else json.dumps(value)}"
                    for name, value in one.items()
                    if name not in {"number", "kind", "struck"} and value is not None
                ),
            ),
        )
        for one in found
    ]
    return Outcome(
        found, table(("NUMBER", "KIND", "STRUCK", "WHERE AND HOW"), rows) if found else ["no faults"]
    )


def _crash(remote: Remote, queue: str | None) -> Outcome:
    if queue is None:
        raise UsageError("crash needs a queue")
    answer = remote.control("POST", "faults/crash", queue=queue, **remote.where())
    return Outcome(answer, [f"{count_of(answer['returned'], 'message')} back in {queue}"])


def reset(remote: Remote, options: Namespace) -> Outcome:
    answer = remote.control("POST", "state/reset", service=options.service, **remote.where())
    part = {"service": options.service, "account": remote.account, "region": remote.region}
    limits = ", ".join(f"{name} {value}" for name, value in part.items() if value)
    return Outcome(answer, [f"forgotten: {limits or 'everything'}"])


def import_state(remote: Remote, options: Namespace) -> Outcome:
    try:
        named = options.file not in (None, "-")
        document = Path(options.file).read_bytes() if named else sys.stdin.buffer.read()
    except OSError as error:
        raise RemoteError(f"{options.file} cannot be read: {error.strerror}") from error
    if document.lstrip().startswith(b'{"pocketbus"'):
        return Outcome(remote.put("state", document), ["imported"])
    try:
        text = document.decode()
        seed = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise RemoteError(f"{options.file or 'the input'} is neither a state nor a seed: {error}") from error
    return Outcome(remote.control("POST", "resources", **seed), ["imported"])
