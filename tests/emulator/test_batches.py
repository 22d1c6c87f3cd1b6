"""Items by their coming and by their own time: what is over goes at a stroke, the rest is found."""

from itertools import count
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from pocketbus.emulator.batches import BATCH, Batches, InOrder


class Item(NamedTuple):
    at: float
    kept_at: float
    number: int


def kept_at(item: Item) -> float:
    return item.kept_at


def at(item: Item) -> float:
    return item.at


def filled(times: list[tuple[float, float]]) -> tuple[Batches[Item], list[Item]]:
    batches = Batches(kept_at=kept_at, at=at, size=lambda item: 10 + item.number)
    items = [Item(own, kept, number) for (own, kept), number in zip(times, count(), strict=False)]
    for item in items:
        batches.append(item)
    return batches, items


def test_a_great_many_go_as_the_containers_that_held_them() -> None:
    batches, _ = filled([(0, 0)] * (3 * BATCH))

    gone = batches.pop_until(0)

    assert (len(batches), batches.size, list(batches)) == (0, 0, [])
    assert sum(len(container) for container in gone) == 2 * 3 * BATCH
    assert max(len(container) for container in gone) == BATCH


TIMES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(TIMES, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(1, 7))
def test_what_is_left_is_what_came_behind_the_first_that_is_not_over(
    times: list[tuple[float, float]], over_at: float, start_at: float, end_at: float, repeated: int
) -> None:
    """However the clock was set: an item that came later may have come at an earlier instant."""
    batches, items = filled(times * (BATCH // 60 * repeated))
    batches.pop_until(over_at)
    while items and items[0].kept_at <= over_at:
        items.pop(0)

    assert list(batches) == items
    assert batches.size == sum(10 + item.number for item in items)
    wanted = sorted((item for item in items if start_at <= item.at < end_at), key=at)
    pending = InOrder(batches.between(start_at, end_at), at)
    assert list(pending) == wanted
    assert [pending.pop() for _ in wanted] == wanted
    assert not pending
