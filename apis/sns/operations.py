"""The SNS service with every operation registered."""

from pocketbus.apis.sns import (
    batches,
    data_protection,
    permissions,
    platform_endpoints,
    platforms,
    publishing,
    sms,
    sms_sandbox,
    subscriptions,
    tags,
    topics,
)
from pocketbus.apis.sns.service import sns

__all__ = [
    "batches",
    "data_protection",
    "permissions",
    "platform_endpoints",
    "platforms",
    "publishing",
    "sms",
    "sms_sandbox",
    "sns",
    "subscriptions",
    "tags",
    "topics",
]
