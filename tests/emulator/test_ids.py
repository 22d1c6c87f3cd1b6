"""Identifiers: their forms, and that a seed decides them."""

import re
import uuid
from itertools import islice

from pocketbus.emulator.ids import Ids, sibling, siblings


def test_the_same_seed_and_the_same_calls_give_the_same_identifiers() -> None:
    one, other = Ids(seed=42), Ids(seed=42)

    assert [one.uuid(), one.hex(8), one.bits(64)] == [other.uuid(), other.hex(8), other.bits(64)]


def test_a_seed_means_the_same_identifiers_for_ever() -> None:
    ids = Ids(seed=1)

    assert ids.uuid() == "c4bb86c3-d1c4-4710-ac34-4c4189eb2f1e"
    assert ids.request_id() == "f5b16522-4a58-4791-af6a-000000000001"


def test_request_ids_count_on() -> None:
    ids = Ids(seed=1)
    numbers = [ids.request_id()[-12:] for _ in range(70_000)]

    assert numbers == [f"{number:012x}" for number in range(1, 70_001)]


def test_without_a_seed_two_sources_differ() -> None:
    assert Ids().uuid() != Ids().uuid()


def test_a_uuid_is_a_random_one_in_its_usual_form() -> None:
    ids = Ids(seed=1)
    for text in (ids.uuid() for _ in range(200)):
        parsed = uuid.UUID(text)

        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


def test_ten_thousand_uuids_are_distinct() -> None:
    ids = Ids(seed=1)

    assert len({ids.uuid() for _ in range(10_000)}) == 10_000


def test_hexadecimal_digits_are_as_many_as_asked_for() -> None:
    ids = Ids(seed=1)

    assert all(re.fullmatch("[0-9a-f]{5}", ids.hex(5)) for _ in range(200))


def test_bits_stay_within_their_count() -> None:
    ids = Ids(seed=1)

    assert all(0 <= ids.bits(3) < 8 for _ in range(200))


def test_siblings_of_an_id_differ_from_it_in_their_first_six_digits() -> None:
    found = list(islice(siblings("e0000000-1111-4222-a333-444444444444"), 18))

    assert found[:3] == [
        "f0000000-1111-4222-a333-444444444444",
        "00000000-1111-4222-a333-444444444444",
        "10000000-1111-4222-a333-444444444444",
    ]
    assert found[14:] == [
        "d0000000-1111-4222-a333-444444444444",
        "e0000100-1111-4222-a333-444444444444",
        "f0000100-1111-4222-a333-444444444444",
        "00000100-1111-4222-a333-444444444444",
    ]


def test_the_first_sibling_can_be_had_alone() -> None:
    assert sibling("9fffffff-1111-4222-a333-444444444444") == "afffffff-1111-4222-a333-444444444444"
    assert sibling("ffffffff-1111-4222-a333-444444444444") == "0fffffff-1111-4222-a333-444444444444"
    assert all(sibling(one) == next(siblings(one)) for one in map(Ids.uuid, [Ids(seed=1)] * 100))


def test_ten_thousand_siblings_are_distinct() -> None:
    one = Ids(seed=1).uuid()

    assert len({one, *islice(siblings(one), 10_000)}) == 10_001
