"""The SNS service with every operation registered."""

from pocketbus.apis.sns import batches, publishing, subscriptions, tags, topics
from pocketbus.apis.sns.service import sns

__all__ = ["batches", "publishing", "sns", "subscriptions", "tags", "topics"]
