"""All operations of STS: importing this registers them."""

from pocketbus.apis.sts import assertions, identity, roles, sessions  # noqa: F401
from pocketbus.apis.sts.service import sts

__all__ = ["sts"]
