"""Deadlines: items by the instant they are due."""

from pocketbus.emulator.time.deadlines import Deadline, Deadlines


def drained(deadlines: Deadlines[str], now: float) -> list[str]:
    items = []
    while (item := deadlines.pop_due(now)) is not None:
        items.append(item)
    return items


def test_items_leave_in_the_order_in_which_they_are_due() -> None:
    deadlines = Deadlines[str]()
    for at, item in ((3.0, "third"), (1.0, "first"), (2.0, "second")):
        deadlines.add(at, item)

    assert drained(deadlines, 3.0) == ["first", "second", "third"]


def test_items_due_at_the_same_instant_leave_in_the_order_they_came() -> None:
    deadlines = Deadlines[str]()
    for item in ("first", "second", "third"):
        deadlines.add(1.0, item)

    assert drained(deadlines, 1.0) == ["first", "second", "third"]


def test_an_item_is_not_due_before_its_instant() -> None:
    deadlines = Deadlines[str]()
    deadlines.add(2.0, "later")

    assert deadlines.pop_due(1.999) is None
    assert deadlines.pop_due(2.0) == "later"


def test_the_next_instant_is_the_earliest_of_those_that_remain() -> None:
    deadlines = Deadlines[str]()
    earliest = deadlines.add(1.0, "first")
    deadlines.add(2.0, "second")
    assert deadlines.next_at == 1.0

    deadlines.cancel(earliest)
    assert deadlines.next_at == 2.0
    deadlines.pop_due(2.0)
    assert deadlines.next_at is None


def test_a_cancelled_item_never_leaves() -> None:
    deadlines = Deadlines[str]()
    deadlines.add(1.0, "kept")
    deadlines.cancel(deadlines.add(1.0, "cancelled"))

    assert drained(deadlines, 1.0) == ["kept"]


def test_cancelling_twice_counts_once() -> None:
    deadlines = Deadlines[str]()
    deadlines.add(1.0, "kept")
    cancelled = deadlines.add(1.0, "cancelled")
    deadlines.cancel(cancelled)
    deadlines.cancel(cancelled)

    assert len(deadlines) == 1


def test_cancelling_what_is_done_changes_nothing() -> None:
    deadlines = Deadlines[str]()
    done = deadlines.add(1.0, "done")
    deadlines.add(2.0, "kept")
    deadlines.pop_due(1.0)
    deadlines.cancel(done)

    assert len(deadlines) == 1
    assert drained(deadlines, 2.0) == ["kept"]


def test_those_that_remain_keep_their_order_when_a_thousand_are_cancelled() -> None:
    deadlines = Deadlines[str]()
    added: list[Deadline[str]] = [deadlines.add(float(-number), str(number)) for number in range(1_000)]
    for number, deadline in enumerate(added):
        if number not in {7, 500, 999}:
            deadlines.cancel(deadline)

    assert len(deadlines) == 3
    assert drained(deadlines, 0.0) == ["999", "500", "7"]


def test_clearing_forgets_everything() -> None:
    deadlines = Deadlines[str]()
    cleared = deadlines.add(1.0, "gone")
    deadlines.clear()
    deadlines.cancel(cleared)

    assert len(deadlines) == 0
    assert deadlines.pop_due(9.0) is None
