"""The log: positions, instants, and room that all logs share."""

from itertools import pairwise

import pytest

from pocketbus.emulator.buses.archive import ArchiveSettings
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.config import Config
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.log import EventLog
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.message import Text
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.topic_archive import ArchivePolicy
from pocketbus.emulator.topics.topic_settings import TopicSettings


def event(body: str = "{}") -> LogEvent:
    return LogEvent("id", "000000000000", Text(body), "application/json")


def filled(count: int, seconds: float = 1.0, core: Core | None = None) -> EventLog:
    """Make a log with events at the instants 0, `seconds`, and so on."""
    log = EventLog(core or Core(Config()))
    for number in range(count):
        log.add(event(f'{{"number":{number}}}'), number * seconds)
    return log


def test_positions_count_from_one_and_never_repeat() -> None:
    log = filled(3)
    log.forget_before(2.0)
    log.add(event(), 3.0)

    assert [one.position for one in log] == [3, 4]
    assert (log.first, log.end, len(log)) == (3, 5, 2)


@pytest.mark.parametrize("position", [0, 2, 5000, -1])
def test_what_is_gone_or_not_there_yet_has_no_event(position: int) -> None:
    log = filled(3000)
    log.forget_before(10.0)

    with pytest.raises(IndexError):
        log[position]


def test_every_event_is_found_across_chunks_whatever_has_gone() -> None:
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
    log.add(event(), 5.0)

    assert [one.at for one in log] == [0.0, 10.0, 10.0]


def test_all_logs_share_one_room_and_the_one_that_grows_gives_way() -> None:
    core = Core(Config())
    room = core.log_room
    room.most_bytes = 50_000
    quiet, busy = filled(10, core=core), filled(0, core=core)

    sizes = []
    for number in range(500):
        busy.add(event("x" * 100), float(number))
        busy.make_room()
        sizes.append(room.bytes)

    assert max(sizes) <= 50_000
    assert len(quiet) == 10
    assert room.items == len(quiet) + len(busy)
    assert room.dropped == 500 - len(busy)
    busy.close()
    quiet.close()
    assert (room.items, room.bytes) == (0, 0)


def test_sequence_numbers_have_twenty_digits_and_rise() -> None:
    numbers = [one.sequence_number for one in filled(2000)]

    assert {len(number) for number in numbers} == {20}
    assert all(one < other for one, other in pairwise(numbers))


def large(log: EventLog, count: int, kilobytes: int = 100) -> None:
    for number in range(count):
        log.add(event("x" * kilobytes * 1024), float(number))


def test_a_log_that_was_brought_back_is_cut_as_it_was() -> None:
    log = filled(1500)
    large(log, 30)
    log.forget_before(700.0)

    again = EventLog.__new__(EventLog)
    again.__setstate__(log.__getstate__())
    for row in log.rows():
        again.take(row)
    for one in (log, again):
        large(one, 30)
        for number in range(3000):
            one.add(event(), float(number))

    ends = [[chunk.end for chunk in one._chunks] for one in (log, again)]  # noqa: SLF001 - of no other use outside
    assert ends[0] == ends[1] == [1025, 1512, 1522, 1532, 1542, 1552, 2049, 3073, 4097, 4561]
    assert list(again.rows()) == list(log.rows())


def test_what_is_let_go_of_stays_for_those_who_hold_it() -> None:
    log = filled(10)
    log.hold()

    assert (log.let_go(), len(log)) == ([], 10)
    assert [len(one) for one in log.let_go()] == [10]
    assert len(log) == 0


def test_archives_count_among_the_logs_and_give_way_too(engine: Engine, scope: Scope) -> None:
    now = engine.clock.now()
    bus = scope.events.buses["default"]
    archive = scope.events.create_archive("kept", bus, ArchiveSettings(), now)
    topic = scope.sns.create_topic(
        "t.fifo",
        TopicSettings(fifo=True, archive_policy=ArchivePolicy("", 1), content_based_deduplication=True),
        {},
    )
    engine.log_room.most_bytes = 20_000
    for number in range(100):
        envelope = Envelope(f"{number:036}", "d", "s", "000000000000", "2026-01-01T00:00:00Z", "us-east-1")
        carry(bus.put(BusEvent(envelope, '{"text":"' + "x" * 100 + '"}'), now), engine, now)
        topic.publish(Publication(f"{number} {'x' * 100}", group_id="g"), now)

    assert topic.archive.log is not None
    assert engine.log_room.bytes <= 20_000
    assert engine.log_room.items == len(archive.log) + len(topic.archive.log) < 40
    assert engine.log_room.dropped == 200 - engine.log_room.items
    assert sum(record.verb == "dropped" for record in engine.trace) > 100
    scope.events.delete_archive(archive)
    topic.configure(TopicSettings(fifo=True), now)
    assert (engine.log_room.items, engine.log_room.bytes) == (0, 0)
