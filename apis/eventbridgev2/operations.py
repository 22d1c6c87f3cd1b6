"""The Custom Event Bus service with every operation registered."""

from pocketbus.apis.eventbridgev2 import buses, policies, put_events, sources, subscribers, tags
from pocketbus.apis.eventbridgev2.service import eventbridgev2

__all__ = ["buses", "eventbridgev2", "policies", "put_events", "sources", "subscribers", "tags"]
