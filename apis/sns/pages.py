"""Pages of a listing, with SNS's words for a token that is none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from pocketbus.apis.paging import InvalidToken, page_behind, page_of
from pocketbus.apis.sns.invalid import invalid

T = TypeVar("T")

PAGE = 100


def read_page(
    items: Iterable[T],
    key: Callable[[T], str],
    token: str | None,
    *,
    limit: int = PAGE,
    member: str = "NextToken",
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the page of the items, in the order of their keys, behind a token, and the next token as a member."""
    return _told(lambda: page_of(sorted(items, key=key), key=key, token=token, limit=limit), member)


def read_page_behind(
    behind: Callable[[str], Iterator[T]], key: Callable[[T], str], token: str | None, *, limit: int = PAGE
) -> tuple[Sequence[T], dict[str, str]]:
    """Do the same where `behind` goes through the items in their order, from behind a key on."""
    return _told(lambda: page_behind(behind, key=key, token=token, limit=limit), "NextToken")


def _told(
    read: Callable[[], tuple[Sequence[T], str | None]], member: str
) -> tuple[Sequence[T], dict[str, str]]:
    try:
        page, following = read()
    except InvalidToken:
        raise invalid("NextToken") from None
    return page, {member: following} if following else {}
