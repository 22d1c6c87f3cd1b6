"""The Pipes service with every operation registered."""

from pocketbus.apis.pipes import changes, listing, tags
from pocketbus.apis.pipes.service import pipes

__all__ = ["changes", "listing", "pipes", "tags"]
