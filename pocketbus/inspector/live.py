"""The trace as it comes."""

from typing import Any
from urllib.parse import urlencode

from pocketbus.inspector.visit import Visit

_SHOWN = 200
_SEARCHED = 20_000
"""Of the latest records, so many are looked through for those that a filter wants."""
VERBS = (
    *(
        "accepted",
        "appeared",
        "archived",
        "attempted",
        "captured",
        "dead-lettered",
        "deduplicated",
        "deleted",
    ),
    *("delivered", "dropped", "expired", "faulted", "fired", "handed back", "hidden", "logged", "matched"),
    *("moved", "published", "purged", "received", "returned", "sent", "undeliverable", "unmatched"),
)


async def view(visit: Visit) -> dict[str, Any]:
    selection = {name: visit.text(name) for name in ("verb", "resource", "subject")}
    last = (await visit.client.get("trace", limit=1))["last"]
    records: list[dict[str, Any]] = []
    after: int | None = max(0, last - (_SEARCHED if any(selection.values()) else _SHOWN))
    while after is not None:
        page = await visit.client.get("trace", **selection, after=after, limit=1000)
        records = [*records, *page["records"]][-_SHOWN:]
        after = page["next"]
    asked = {name: text for name, text in selection.items() if text}
    return {
        **selection,
        "records": records[::-1],
        "verbs": VERBS,
        "last": last,
        "stream": f"/_pocketbus/trace/stream?{urlencode(asked)}",
        "shown": _SHOWN,
    }
