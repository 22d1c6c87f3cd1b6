"""The EventBridge service with every operation registered."""

from pocketbus.apis.events import buses, patterns, permissions, put_events, rules, tags, targets
from pocketbus.apis.events.service import events

__all__ = ["buses", "events", "patterns", "permissions", "put_events", "rules", "tags", "targets"]
