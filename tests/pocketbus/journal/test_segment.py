"""A segment: what was written is read; an end that is torn is told from what has changed."""

from pathlib import Path

import pytest

from pocketbus.emulator.door import Place
from pocketbus.journal.record import Record
from pocketbus.journal.segment import DamagedError, JournalError, Reading, Segment, cut, name_of

PLACE = Place("000000000000", "us-east-1", "http://localhost:4566", True)
RECORDS = [
    Record(1764417196.25, 1764417196.25, None, "ring", []),
    Record(1764417196.5, 1764417196.5, PLACE, "sqs.SendMessage", [{"MessageBody": "one\n\0two"}]),
    Record(
        10.0, 1764417196.5, PLACE, "sqs.SendMessage", [{"Body": b"\x00\xff", "Odd": "\ud800", "Big": 2**70}]
    ),
    Record(10.0, 1764417196.5, None, "thaw", []),
]


def written(folder: Path, records: list[Record] = RECORDS) -> Path:
    segment = Segment(folder / name_of(0), disk=True, header={"position": 0, "config": {}})
    for record in records:
        segment.add(record.system_at, record.at, record.place, record.name, tuple(record.arguments))
    segment.write()
    segment.close()
    return segment.path


def read(path: Path) -> tuple[list[Record], int | None]:
    reading = Reading(path)
    records = list(reading.records()) if reading.header else []
    return records, reading.torn_at


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read(written(tmp_path)) == (RECORDS, None)


def test_a_line_is_readable(tmp_path: Path) -> None:
    lines = written(tmp_path).read_text().splitlines()

    assert lines[2].split(" ", 2)[2] == (
        '[1764417196.5,1,"place","000000000000","us-east-1","http://localhost:4566",true]'
    )
    assert (
        lines[3].split(" ", 2)[2] == '[1764417196.5,1,"sqs.SendMessage",{"MessageBody":"one\\n\\u0000two"}]'
    )


@pytest.mark.parametrize(
    "value",
    [{"$bytes": "YQ=="}, {"$plain": {"a": 1}}, {"$bytes": b"a"}, [{"$plain": {"$bytes": b"b"}}]],
    ids=str,
)
def test_what_looks_like_bytes_is_told_from_bytes(tmp_path: Path, value: object) -> None:
    record = Record(1.0, 1.0, None, "import", [value, b"c"])

    assert read(written(tmp_path, [record])) == ([record], None)


def test_wherever_a_process_ends_what_is_whole_is_read_and_the_rest_is_cut(tmp_path: Path) -> None:
    whole = written(tmp_path).read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 10]
    path = tmp_path / name_of(1)

    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        records, torn_at = read(path)
        last = max((end for end in ends if end <= size), default=0)

        assert torn_at == (None if last == size else last)
        assert records == RECORDS[: len(records)]
        if torn_at is not None:
            assert cut(path, torn_at) == size - last
            assert path.read_bytes() == whole[:last]


def test_zeros_that_a_disk_without_power_left_are_cut(tmp_path: Path) -> None:
    path = written(tmp_path)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(bytes(4096))

    assert read(path) == (RECORDS, size)


def test_whichever_bit_changes_it_is_told_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    whole = written(tmp_path).read_bytes()
    path = tmp_path / name_of(1)

    for at in range(0, 8 * len(whole), 3):
        changed = bytearray(whole)
        changed[at // 8] ^= 1 << (at % 8)
        path.write_bytes(changed)
        begin = whole.rfind(b"\n", 0, at // 8) + 1

        with pytest.raises(
            JournalError, match=rf"{path.name} is damaged at byte {begin}: .* truncate --size={begin} "
        ):
            read(path)


def test_a_line_that_is_missing_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))

    with pytest.raises(DamagedError, match="is damaged at byte"):
        read(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    segment = Segment(tmp_path / name_of(7), disk=False, header={"pocketbus journal": 9})
    segment.close()

    with pytest.raises(
        JournalError, match=r"in the format 9; this release .* reads 1: use the release that wrote it"
    ):
        read(segment.path)
    assert read(path)[1] is None
