"""What there is in a running server, in tables: queues, topics, rules, a queue's messages, its health."""

from argparse import Namespace
from time import sleep
from typing import Any

from pocketbus.command.outcome import Outcome, table
from pocketbus.command.remote import Remote, RemoteError
from pocketbus.emulator.time.duration import iso

_PAUSE_SECONDS = 0.1


def queues(remote: Remote, _options: Namespace) -> Outcome:
    found = remote.all("queues")
    rows = [
        (one["name"], one["ready"], one["delayed"], one["in_flight"], one["waiting"], *_place(one["arn"]))
        for one in found
    ]
    return Outcome(
        found, table(("QUEUE", "READY", "DELAYED", "IN FLIGHT", "POLLS", "ACCOUNT", "REGION"), rows)
    )


def topics(remote: Remote, options: Namespace) -> Outcome:
    if options.subscriptions:
        return _subscriptions(remote)
    found = remote.all("topics")
    rows = [
        (one["name"], "FIFO" if one["fifo"] else "standard", one["subscriptions"], *_place(one["arn"]))
        for one in found
    ]
    return Outcome(found, table(("TOPIC", "TYPE", "SUBSCRIPTIONS", "ACCOUNT", "REGION"), rows))


def _subscriptions(remote: Remote) -> Outcome:
    found = remote.all("subscriptions")
    rows = [
        (
            _name(one["topic"]),
            one["protocol"],
            one["endpoint"],
            "yes" if one["confirmed"] else "no",
            one["filter_policy"],
        )
        for one in found
    ]
    return Outcome(found, table(("TOPIC", "PROTOCOL", "ENDPOINT", "CONFIRMED", "FILTER"), rows))


def rules(remote: Remote, options: Namespace) -> Outcome:
    found = remote.all("rules")
    if options.bus:
        bus = remote.find("buses", options.bus)
        found = [one for one in found if one["bus"] == bus.text]
    rows = [
        (
            one["name"],
            one["bus"].partition("/")[2],
            one["state"],
            one["schedule_expression"] or one["event_pattern"],
            ", ".join(map(_name, one["targets"])),
        )
        for one in found
    ]
    return Outcome(found, table(("RULE", "BUS", "STATE", "PATTERN OR SCHEDULE", "TARGETS"), rows))


def peek(remote: Remote, options: Namespace) -> Outcome:
    found = remote.control(
        "GET", "messages", queue=options.queue, state=options.state, limit=options.limit, **remote.where()
    )
    rows = [
        (one["state"], iso(one["sent_at"]), one["receive_count"], one["message_id"], one["body"])
        for one in found["messages"]
    ]
    return Outcome(found["messages"], table(("STATE", "SENT", "RECEIVES", "ID", "BODY"), rows))


def health(remote: Remote, options: Namespace) -> Outcome:
    """Ask until the server is up, for as long as was asked for."""
    attempts = 1 + int((options.timeout or 0) / _PAUSE_SECONDS)
    found: dict[str, Any] = {}
    for left in reversed(range(attempts)):
        try:
            found = remote.control("GET", "health")
            break
        except RemoteError:
            if not left:
                raise
            sleep(_PAUSE_SECONDS)
    lines = [f"{remote.url} is up: pocketbus {found['version']}", f"services: {', '.join(found['services'])}"]
    return Outcome(found, lines)


def _place(arn: str) -> tuple[str, str]:
    _, _, _, region, account, _ = arn.split(":", 5)
    return account, region


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
