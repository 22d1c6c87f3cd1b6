"""The registry that the operations of EventBridge Scheduler sign up in."""

from pocketbus.apis.service import Service

scheduler = Service("scheduler", __package__)
