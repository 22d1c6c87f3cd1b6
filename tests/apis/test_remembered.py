"""What is worked out once: it is kept, and what is kept is bounded."""

from pocketbus.apis.remembered import Remembered


def lengths(asked: list[str], longest: int = 10, most: int = 10) -> Remembered[str, int]:
    """Remember the lengths of texts, and tell which of them had to be worked out."""

    def tell(text: str) -> int:
        asked.append(text)
        return len(text)

    return Remembered(tell, longest, most)


def test_what_comes_again_is_not_worked_out_again() -> None:
    asked: list[str] = []
    known = lengths(asked)

    assert [known["one"], known["three"], known["one"]] == [3, 5, 3]
    assert asked == ["one", "three"]


def test_what_is_too_long_is_not_kept() -> None:
    asked: list[str] = []
    known = lengths(asked, longest=3)

    assert [known["three"], known["three"]] == [5, 5]
    assert asked == ["three", "three"]
    assert len(known) == 0


def test_where_there_is_too_much_all_is_forgotten() -> None:
    asked: list[str] = []
    known = lengths(asked, most=2)

    assert [known["a"], known["b"], known["c"], known["c"], known["a"]] == [1, 1, 1, 1, 1]
    assert asked == ["a", "b", "c", "a"]
    assert len(known) == 2
