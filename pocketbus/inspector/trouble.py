"""Time and trouble: the clock and what is due, faults, snapshots, the journal."""

from typing import Any

from pocketbus.inspector.client import RefusedError
from pocketbus.inspector.text import instant
from pocketbus.inspector.visit import Done, Visit

_DUE = 50
KINDS = ("error", "throttle", "latency", "cut", "partial", "duplicate", "reorder", "failure")
_FAULT = (
    *("service", "operation", "resource", "account", "region", "count", "seconds", "probability"),
    *("code", "status", "delay", "when", "reason"),
)


async def view(visit: Visit) -> dict[str, Any]:
    client = visit.client
    return {
        "deadlines": (await client.get("clock/deadlines", limit=_DUE))["deadlines"],
        "faults": (await client.get("faults"))["faults"],
        "snapshots": (await client.get("state/snapshots"))["snapshots"],
        "kinds": KINDS,
        "journal": await _journal(visit),
    }


async def _journal(visit: Visit) -> dict[str, Any] | None:
    """Return where the journal is and how far it has come; None: the server keeps none."""
    try:
        told: dict[str, Any] = await visit.client.get("journal/status")
    except RefusedError:
        return None
    return told


async def freeze(visit: Visit) -> Done:
    answer = await visit.client.post("clock/freeze")
    return Done(f"The clock stands at {instant(answer['now'])}.")


async def thaw(visit: Visit) -> Done:
    answer = await visit.client.post("clock/thaw")
    return Done(f"The clock runs on from {instant(answer['now'])}.")


async def advance(visit: Visit) -> Done:
    return _moved(await visit.client.post("clock/advance", by=visit.text("by")))


async def next_deadline(visit: Visit) -> Done:
    return _moved(await visit.client.post("clock/next"))


async def set_to(visit: Visit) -> Done:
    return _moved(await visit.client.post("clock/set", at=visit.text("at")))


def _moved(answer: dict[str, Any]) -> Done:
    return Done(f"It is {instant(answer['now'])}; on the way {answer['fired_count']} things happened.")


async def make_fault(visit: Visit) -> Done:
    kind = visit.text("kind")
    if kind == "at-least-once":
        where = {name: visit.text(name) for name in ("resource", "account", "region")}
        await visit.client.post("faults", preset=kind, **where)
    else:
        await visit.client.post("faults", kind=kind, **{name: visit.text(name) for name in _FAULT})
    return Done(f"From now on there is trouble: {kind}.")


async def clear_fault(visit: Visit) -> Done:
    cleared = (await visit.client.delete("faults", number=visit.text("number")))["cleared"]
    return Done(f"{cleared} {'fault is' if cleared == 1 else 'faults are'} gone.")


async def save(visit: Visit) -> Done:
    name = visit.text("name")
    if not name:
        raise RefusedError("Give the snapshot a name.")
    await visit.client.post("state/snapshots/save", name=name)
    return Done(f"The state is saved as {name}.")


async def restore(visit: Visit) -> Done:
    named = {name: visit.text(name) for name in ("name", "account")}
    await visit.client.post("state/snapshots/restore", **named)
    return Done(f"The state is that of {named['name']} again.")


async def forget(visit: Visit) -> Done:
    await visit.client.delete("state/snapshots", name=visit.text("name"), account=visit.text("account"))
    return Done(f"The snapshot {visit.text('name')} is gone.")
