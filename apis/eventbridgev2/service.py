"""The registry that the operations of EventBridge's Custom Event Bus sign up in."""

from pocketbus.apis.service import Service

eventbridgev2 = Service("eventbridgev2", __package__)
