"""Pages of a listing: a token holds the last key shown, so that additions and deletions never repeat or skip others."""

import binascii
import zlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from pocketbus.emulator.catalogue import Catalogue

T = TypeVar("T")

_CHECKSUM_BYTES = 4


class InvalidToken(ValueError):
    """A next token that none of our answers carried."""


Behind = Callable[[str], Iterator[T]]
"""Goes through items in the order of their keys, from behind one of these on."""


def page_of(
    behind: Behind[T], *, key: Callable[[T], str], token: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """Return the page of items that starts behind the token, and the token of the next page.

    >>> page_of(sorted_by(str, "abc"), key=str, token=None, limit=2)
    (['a', 'b'], 'cb7v-WI=')
    >>> page_of(sorted_by(str, "abc"), key=str, token="cb7v-WI=", limit=2)
    (['c'], None)
    """
    found = list(islice(behind(_last_key(token) if token else ""), limit + 1))
    page = found[:limit]
    return page, _token(key(page[-1])) if len(found) > limit else None


def named(
    names: Catalogue[T], prefix: str | None = None, wants: Callable[[T], bool] = lambda _item: True
) -> Behind[T]:
    """Go through what has a name with a prefix and is wanted."""
    return lambda last: filter(wants, names.behind(last, prefix or ""))


def sorted_by(key: Callable[[T], str], items: Iterable[T]) -> Behind[T]:
    """Go through a few items of no order, each time from the start."""
    return lambda last: (item for item in sorted(items, key=key) if not last or key(item) > last)


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
