"""Pages of a listing and the tokens between them."""

from base64 import urlsafe_b64encode

import pytest

from pocketbus.apis.paging import InvalidToken, page_of, sorted_by


def test_pages_follow_one_another_to_the_end() -> None:
    first, token = page_of(sorted_by(str, ["a", "b", "c"]), key=str, token=None, limit=2)
    second, end = page_of(sorted_by(str, ["a", "b", "c"]), key=str, token=token, limit=2)

    assert (first, second, end) == (["a", "b"], ["c"], None)


def test_what_came_or_went_meanwhile_neither_repeats_nor_skips_others() -> None:
    _, token = page_of(sorted_by(str, ["a", "c", "e"]), key=str, token=None, limit=2)

    assert page_of(sorted_by(str, ["b", "d", "e"]), key=str, token=token, limit=2) == (["d", "e"], None)


@pytest.mark.parametrize("name", ["b", "ü", "\N{SMILING FACE WITH SMILING EYES}"])
def test_a_key_of_any_characters_makes_a_token(name: str) -> None:
    _, token = page_of(sorted_by(str, [name, "\U0010ffff"]), key=str, token=None, limit=1)

    assert page_of(sorted_by(str, [name, "\U0010ffff"]), key=str, token=token, limit=1) == (
        ["\U0010ffff"],
        None,
    )


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "nonsense!",
        "\N{SNOWMAN}",
        urlsafe_b64encode(b"b").decode(),
        urlsafe_b64encode(b"\0\0\0\0b").decode(),
        urlsafe_b64encode(b"\0\0\0\0\xff").decode(),
    ],
)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        page_of(sorted_by(str, ["a", "b", "c"]), key=str, token=token, limit=2)


@pytest.mark.parametrize(
    ("start", "end", "more"), [(0, -1, ""), (1, None, ""), (0, None, "A"), (0, None, "\n")]
)
def test_a_token_that_was_changed_is_refused(start: int, end: int | None, more: str) -> None:
    _, token = page_of(sorted_by(str, ["a", "b", "c"]), key=str, token=None, limit=2)
    assert token is not None

    with pytest.raises(InvalidToken):
        page_of(sorted_by(str, ["a", "b", "c"]), key=str, token=token[start:end] + more, limit=2)
