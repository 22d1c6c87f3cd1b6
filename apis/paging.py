"""Pages of a listing: a token holds the last key shown, so that additions and deletions never repeat or skip others."""

import binascii
import zlib
from base64 import b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

_CHECKSUM_BYTES = 4


class InvalidToken(ValueError):
    """A next token that none of our answers carried."""


def page_of(
    items: Sequence[T], *, key: Callable[[T], str], token: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """Return the page of `items`, sorted by `key`, that starts behind the token, and the token of the next page.

    >>> page_of(["a", "b", "c"], key=str, token=None, limit=2)
    (['a', 'b'], 'cb7v-WI=')
    >>> page_of(["a", "b", "c"], key=str, token="cb7v-WI=", limit=2)
    (['c'], None)
    """
    start = bisect_right(items, _last_key(token), key=key) if token else 0
    page = items[start : start + limit]
    if start + limit >= len(items):
        return page, None
    return page, _token(key(page[-1]))


def page_behind(
    behind: Callable[[str], Iterator[T]], *, key: Callable[[T], str], token: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """Do the same where `behind` goes through the items in the order of their keys, from behind one of them on.

    >>> page_behind(lambda last: (item for item in "abc" if item > last), key=str, token="cb7v-WI=", limit=2)
    (['c'], None)
    """
    found = list(islice(behind(_last_key(token) if token else ""), limit + 1))
    page = found[:limit]
    return page, _token(key(page[-1])) if len(found) > limit else None


def _token(key: str) -> str:
    """Write a key behind its checksum, which tells our tokens from what a client made up."""
    encoded = key.encode()
    return urlsafe_b64encode(zlib.crc32(encoded).to_bytes(_CHECKSUM_BYTES) + encoded).decode("ascii")


def _last_key(token: str) -> str:
    try:
        key = b64decode(token.encode(), altchars=b"-_", validate=True)[_CHECKSUM_BYTES:].decode()
    except (binascii.Error, UnicodeError) as error:
        raise InvalidToken(token) from error
    if _token(key) != token:
        raise InvalidToken(token)
    return key
