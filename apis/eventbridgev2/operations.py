"""The Custom Event Bus service with every operation registered."""

from pocketbus.apis.eventbridgev2 import buses, put_events, subscribers
from pocketbus.apis.eventbridgev2.service import eventbridgev2

__all__ = ["buses", "eventbridgev2", "put_events", "subscribers"]
