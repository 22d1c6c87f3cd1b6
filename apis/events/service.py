"""The registry that the operations of EventBridge sign up in."""

from pocketbus.apis.service import Service

events = Service("events", __package__)
