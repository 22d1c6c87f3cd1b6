"""Access keys that lead to their account, as AWS's do: it can be read from the key itself, so none has to be kept."""

import re
from base64 import b32decode, b32encode
from hashlib import sha256
from typing import Final

_KEY: Final = re.compile(r"A[KS]IA([A-Z2-7]{16})", re.ASCII)
_ACCOUNT_SHIFT, _ACCOUNT_BITS = 39, 40
_CHANCE_BITS: Final = 23
"""Below the account, above the digest of both that tells these keys from AWS's own."""
_DIGEST_BITS: Final = 16


def access_key(account: str, chance: int) -> str:
    """Return a temporary key of an account; 23 bits of chance tell it from others.

    >>> access_key("123456789012", 5)
    'ASIABZPUZDIKAAAAKUCE'
    >>> account_of("ASIABZPUZDIKAAAAKUCE")
    '123456789012'
    """
    number = int(account) << _ACCOUNT_SHIFT | (chance % (1 << _CHANCE_BITS)) << _DIGEST_BITS
    return f"ASIA{b32encode((number | _digest(number)).to_bytes(10)).decode('ascii')}"


def account_of(key: str) -> str | None:
    """Return the account of a key that was made here; None for any other, AWS's own included.

    >>> account_of("ASIAIOSFODNN7EXAMPLE")
    """
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    number = int.from_bytes(b32decode(match[1]))
    above = number >> _DIGEST_BITS << _DIGEST_BITS
    account = f"{number >> _ACCOUNT_SHIFT:012d}"
    return account if number == above | _digest(above) and len(account) == 12 else None


def _digest(number: int) -> int:
    return int.from_bytes(sha256(number.to_bytes(10)).digest()[:2])
