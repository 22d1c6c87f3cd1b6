"""Pages of a listing, with SNS's words for a token that is none."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pocketbus.apis.paging import Behind, InvalidToken, page_of
from pocketbus.apis.sns.invalid import invalid

T = TypeVar("T")

PAGE = 100


def read_page(
    behind: Behind[T],
    key: Callable[[T], str],
    token: str | None,
    *,
    limit: int = PAGE,
    member: str = "NextToken",
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the page of the items, in the order of their keys, behind a token, and the next token as a member."""
    try:
        page, following = page_of(behind, key=key, token=token, limit=limit)
    except InvalidToken:
        raise invalid("NextToken") from None
    return page, {member: following} if following else {}
