"""Names in order, kept up."""

from pocketbus.emulator.catalogue import Catalogue


class Counted(str):
    """A name that counts how often names are compared."""

    __slots__ = ()
    comparisons = [0]  # noqa: RUF012 - of all names together

    def __lt__(self, other: str) -> bool:
        self.comparisons[0] += 1
        return str.__lt__(self, other)

    __hash__ = str.__hash__


def test_what_is_behind_a_name_comes_in_order() -> None:
    names: Catalogue[str] = Catalogue({name: name.upper() for name in "dbac"})
    names["bb"] = "BB"
    del names["c"]

    assert list(names.behind("a")) == ["B", "BB", "D"]
    names["c"] = "C again"
    assert list(names.behind("")) == ["A", "B", "BB", "C again", "D"]


def test_many_additions_and_deletions_leave_the_order_right() -> None:
    names: Catalogue[int] = Catalogue()
    for number in range(1000):
        names[f"{number:04}"] = number
    assert list(names.behind("0997")) == [998, 999]
    for number in range(990):
        names.pop(f"{number:04}")

    assert list(names.behind("0500")) == list(range(990, 1000))


def test_a_page_does_not_cost_what_the_others_do() -> None:
    names: Catalogue[int] = Catalogue({Counted(f"{number:05}"): number for number in range(10_000)})
    next(names.behind("05000"))
    Counted.comparisons[0] = 0

    assert next(names.behind("05000")) == 5001
    names[Counted("05000a")] = 0
    assert next(names.behind("05000")) == 0
    assert Counted.comparisons[0] < 100


def test_what_is_behind_a_name_can_have_a_prefix() -> None:
    names: Catalogue[str] = Catalogue({name: name.upper() for name in ("a", "b", "ba", "bb", "c")})

    assert list(names.behind("", "b")) == ["B", "BA", "BB"]
    assert list(names.behind("b", "b")) == ["BA", "BB"]
    assert list(names.behind("bb", "b")) == []
    assert list(names.behind("c", "b")) == []
