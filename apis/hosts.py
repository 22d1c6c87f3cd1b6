"""The names by which a request may reach this server: those that no stranger can make point here.

Any other name in a Host may be one that a web page pointed here itself, to be taken for a page of ours (DNS rebinding).
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

ALL = "*"

_LOOPBACK = ("localhost",)
KNOWN = (
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
        or _address(name) is not None
        or _is_below(name, KNOWN)
        or _is_below(name, allowed)
    )


def is_loopback(authority: str) -> bool:
    """Tell whether a host, with or without a port, means this machine to itself."""
    name = name_of(authority)
    if name is None:
        return False
    address = _address(name)
    return _is_below(name, _LOOPBACK) if address is None else address.is_loopback


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


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
