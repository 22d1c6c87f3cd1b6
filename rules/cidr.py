"""IP addresses and CIDR blocks, read as Java's InetAddress reads them: leading zeros are decimal, no zone ids,
an IPv4-mapped IPv6 address is the IPv4 address."""

import re

from pocketbus.rules.rejection import InvalidPattern

_V4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_V6 = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:]*")
_INTEGER = re.compile(r"[+-]?\d{1,11}")
_LONGEST_V4 = 15
_V4_BITS = 32
_MAPPED_V4 = "0" * 80 + "1" * 16
_INT_BOUND = 2**31


def address_bits(text: str) -> str | None:
    """Return an address as 32 or 128 binary digits, or None for another text.

    Two spellings of one address have the same bits, and a block is a leading part of them. The family is no part
    of them: the reference, too, compares the leading digits of an IPv4 block with those of an IPv6 address.

    >>> address_bits("10.0.0.1")
    '00001010000000000000000000000001'
    >>> address_bits("2001:DB8::1") == address_bits("2001:0db8:0:0:0:0:0:1")
    True
    >>> address_bits("example.org") is None
    True
    """
    if ":" in text:
        return _v6_bits(text) if _V6.fullmatch(text) else None
    return _v4_bits(text) if _V4.fullmatch(text) else None


def block_bits(text: str) -> str:
    """Return the leading bits that every address of a CIDR block shares; host bits may be set.

    >>> block_bits("10.0.0.5/8")
    '00001010'
    """
    address, mask = _split(text)
    bits = address_bits(address)
    if bits is None:
        looks_right = _V4.fullmatch(address) or _V6.fullmatch(address)
        raise InvalidPattern(f"{'Invalid' if looks_right else 'Nonstandard'} IP address: {address}")
    if mask >= len(bits):
        raise InvalidPattern(f"IPv{4 if len(bits) == _V4_BITS else 6} mask bits must be < {len(bits)}")
    return bits[:mask]


def _split(text: str) -> tuple[str, int]:
    # Java's split drops empty parts at the end, so "10.0.0.0/8/" is accepted.
    parts = text.rstrip("/").split("/")
    if len(parts) != 2:
        raise InvalidPattern("Malformed CIDR, one '/' required")
    if not _INTEGER.fullmatch(parts[1]) or not -_INT_BOUND <= int(parts[1]) < _INT_BOUND:
        raise InvalidPattern("Malformed CIDR, mask bits must be an integer")
    if int(parts[1]) < 0:
        raise InvalidPattern("Malformed CIDR, mask bits must not be negative")
    return parts[0], int(parts[1])


def _v4_bits(text: str) -> str | None:
    if len(text) > _LONGEST_V4:
        return None
    octets = [int(octet) for octet in text.split(".")]
    if max(octets) > 255:
        return None
    return "".join(f"{octet:08b}" for octet in octets)


def _v6_bits(text: str) -> str | None:
    head, gap, tail = text.partition("::")
    before, after = _groups(head), _groups(tail)
    if before is None or after is None:
        return None
    missing = 8 - len(before) - len(after)
    if missing < 1 if gap else missing != 0:
        return None
    bits = "".join(f"{group:016b}" for group in [*before, *[0] * missing, *after])
    return bits.removeprefix(_MAPPED_V4)


def _groups(text: str) -> list[int] | None:
    """Read groups between single colons; None for an empty group or one above ffff."""
    if not text:
        return []
    groups = text.split(":")
    if not all(groups) or any(len(group.lstrip("0")) > 4 for group in groups):
        return None
    return [int(group, 16) for group in groups]
