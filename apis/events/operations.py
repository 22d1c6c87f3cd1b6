"""The EventBridge service with every operation registered."""

from pocketbus.apis.events import (
    api_destinations,
    archives,
    buses,
    connections,
    endpoints,
    event_sources,
    partner_events,
    partner_sources,
    patterns,
    permissions,
    put_events,
    replays,
    rules,
    tags,
    targets,
)
from pocketbus.apis.events.service import events

__all__ = [
    "api_destinations",
    "archives",
    "buses",
    "connections",
    "endpoints",
    "event_sources",
    "events",
    "partner_events",
    "partner_sources",
    "patterns",
    "permissions",
    "put_events",
    "replays",
    "rules",
    "tags",
    "targets",
]
