"""The names by which a request may reach this server: those that no stranger can make point here.

Any other name in a Host may be one that a web page pointed here itself, to be taken for a page of ours (DNS rebinding).
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

ALL = "*"

_LOOPBACK = ("localhost",)
_KNOWN = (
    *_LOOPBACK,
    # Not to be had in the public DNS.
    "local",
    "internal",
    "test",
    "lan",
    "localdomain",
    "home.arpa",
    "svc",
    # A public name, with all below it, that means 127.0.0.1.
    "localhost.localstack.cloud",
    # AWS's own, below which AWS alone says what an endpoint's name means.
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
)

_LONGEST = 300
"""A host of 253 characters, its port, and room to spare."""


def answers_for(authority: str, allowed: frozenset[str]) -> bool:
    """Tell whether a Host names this server: an address, a name without a dot, or one below a known or allowed one."""
    name = name_of(authority)
    if name is None:
        return False
    return (
        ALL in allowed
        or "." not in name
        or _is_address(name)
        or _is_below(name, _KNOWN)
        or _is_below(name, allowed)
    )


def is_loopback(authority: str) -> bool:
    """Tell whether a host, with or without a port, means this machine to itself."""
    name = name_of(authority)
    return bool(name) and (_is_below(name, _LOOPBACK) or (_is_address(name) and ip_address(name).is_loopback))


def name_of(authority: str) -> str | None:
    """Return a host without its port, in lower case, or None if it is none."""
    if len(authority) > _LONGEST:
        return None
    try:
        return (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return None


def _is_below(name: str, domains: Collection[str]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
