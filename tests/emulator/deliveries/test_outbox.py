"""The outbox keeps the latest of what left, in order."""

from pocketbus.emulator.deliveries.outbox import Captured, Outbox


def captured(n: int) -> Captured:
    return Captured(float(n), "lambda", "rule", "function", "{}", {}, "lambda is not emulated")


def test_the_oldest_gives_way_when_the_outbox_is_full() -> None:
    outbox = Outbox(2)

    for n in range(3):
        outbox.capture(captured(n))

    assert list(outbox) == [captured(1), captured(2)]
    assert len(outbox) == 2


def test_a_cleared_outbox_is_empty() -> None:
    outbox = Outbox(2)
    outbox.capture(captured(1))

    outbox.clear()

    assert list(outbox) == []
