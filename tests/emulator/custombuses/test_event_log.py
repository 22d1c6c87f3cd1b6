"""The log: positions, instants, and room that all logs share."""

from itertools import pairwise

import pytest

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.log import EventLog, LogRoom
from pocketbus.emulator.message import Text


def event(body: str = "{}") -> LogEvent:
    return LogEvent("id", "000000000000", Text(body), "application/json")


def filled(count: int, seconds: float = 1.0, room: LogRoom | None = None) -> EventLog:
    """Make a log with events at the instants 0, `seconds`, and so on."""
    log = EventLog()
    if room is not None:
        log.open(room)
    for number in range(count):
        log.append(event(f'{{"number":{number}}}'), number * seconds)
    return log


def test_positions_count_from_one_and_never_repeat() -> None:
    log = filled(3)
    log.forget_before(2.0)
    log.append(event(), 3.0)

    assert [one.position for one in log] == [3, 4]
    assert (log.first, log.end, len(log)) == (3, 5, 2)


@pytest.mark.parametrize("position", [0, 2, 5000, -1])
def test_what_is_gone_or_not_there_yet_has_no_event(position: int) -> None:
    log = filled(3000)
    log.forget_before(10.0)

    with pytest.raises(IndexError):
        log[position]


def test_every_event_is_found_across_segments_whatever_has_gone() -> None:
    log = filled(5000)

    for gone in (1, 1023, 1024, 1025, 4000, 4999):
        log.forget_before(float(gone))
        assert log.first == gone + 1
        assert log[log.first].content.body == f'{{"number":{gone}}}'
        assert log[5000].content.body == '{"number":4999}'
    assert len(log.forget_before(6000.0)) == 1
    assert (len(log), log.first, log.end) == (0, 5001, 5001)


def test_an_instant_leads_to_the_first_event_of_it_or_later() -> None:
    log = filled(3000, seconds=0.5)

    assert [log.position_at(at) for at in (-1.0, 0.0, 0.4, 0.5, 1000.0, 1499.5, 1500.0)] == [
        *(1, 1, 2, 2, 2001, 3000, 3001)
    ]


def test_instants_never_go_back_though_the_clock_does() -> None:
    log = filled(2, seconds=10.0)
    log.append(event(), 5.0)

    assert [one.at for one in log] == [0.0, 10.0, 10.0]


def test_all_logs_share_one_room_and_the_one_that_grows_gives_way() -> None:
    room = LogRoom(most_bytes=50_000)
    quiet, busy = filled(10, room=room), filled(0, room=room)

    sizes = []
    for number in range(500):
        busy.append(event("x" * 100), float(number))
        busy.make_room()
        sizes.append(room.bytes)

    assert max(sizes) <= 50_000
    assert len(quiet) == 10
    assert room.events == len(quiet) + len(busy)
    assert room.dropped == 500 - len(busy)
    busy.close()
    quiet.close()
    assert (room.events, room.bytes) == (0, 0)


def test_sequence_numbers_have_twenty_digits_and_rise() -> None:
    numbers = [one.sequence_number for one in filled(2000)]

    assert {len(number) for number in numbers} == {20}
    assert all(one < other for one, other in pairwise(numbers))
