"""Pages of a listing: a token holds the last key shown, so that additions and deletions never repeat or skip others."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class InvalidToken(ValueError):
    """A next token that none of our answers carried."""


def page_of(
    items: Sequence[T], *, key: Callable[[T], str], token: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """Return the page of `items`, sorted by `key`, that starts behind the token, and the token of the next page.

    >>> page_of(["a", "b", "c"], key=str, token=None, limit=2)
    (['a', 'b'], 'Yg==')
    >>> page_of(["a", "b", "c"], key=str, token="Yg==", limit=2)
    (['c'], None)
    """
    start = bisect_right(items, _last_key(token), key=key) if token else 0
    page = items[start : start + limit]
    if start + limit >= len(items):
        return page, None
    return page, urlsafe_b64encode(key(page[-1]).encode()).decode("ascii")


def _last_key(token: str) -> str:
    try:
        return urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError) as error:
        raise InvalidToken(token) from error
