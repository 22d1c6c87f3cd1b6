"""Ports for servers that are told theirs before they start."""

import secrets
import socket
from contextlib import suppress

_given: set[int] = set()


def free_port() -> int:
    """Return a port that nobody has, of those that no system gives by itself: it stays free until it is used."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as one, suppress(OSError):
            if port not in _given:
                one.bind(("127.0.0.1", port))
                _given.add(port)
                return port


def free_ports(count: int) -> list[int]:
    return [free_port() for _ in range(count)]
