"""With one machine no more is lost than one of what a writer needs."""

import pytest

from pocketbus.cluster.leaders import Leaders, better

SERVERS = {"a", "b", "c"}


def settled(leaders: Leaders, here: str, *, first: bool = True) -> list[Leaders]:
    """Return what leads in turn, until nothing is better."""
    steps = [leaders]
    while (wanted := better(steps[-1], here, SERVERS, first=first)) != steps[-1]:
        assert wanted not in steps
        steps.append(wanted)
    return steps


def test_what_is_led_apart_and_elsewhere_stays_where_it_is() -> None:
    assert settled(Leaders("b", "c", "c"), "a") == [Leaders("b", "c", "c")]


def test_the_keys_and_the_other_stream_leave_the_server_that_leads_what_is_written() -> None:
    assert settled(Leaders("b", "b", "b"), "a") == [Leaders("b", "b", "b"), Leaders("b", "c", "c")]


def test_a_stream_that_the_writers_own_machine_leads_is_left_and_not_moved_while_it_is_written() -> None:
    assert settled(Leaders("a", "c", "c"), "a") == [
        Leaders("a", "c", "c"),
        Leaders("c", "c", "a"),
        Leaders("c", "b", "b"),
    ]


def test_where_one_machine_leads_all_the_other_stream_goes_first() -> None:
    assert settled(Leaders("a", "a", "a"), "a") == [
        Leaders("a", "a", "a"),
        Leaders("a", "b", "b"),
        Leaders("b", "b", "a"),
        Leaders("b", "c", "c"),
    ]


def test_a_writer_that_has_gone_on_in_the_other_stream_has_only_the_keys_moved() -> None:
    assert settled(Leaders("c", "c", "b"), "a") == [Leaders("c", "c", "b"), Leaders("c", "b", "b")]


def test_the_writer_of_another_shard_keeps_away_from_the_leader_of_the_keys() -> None:
    assert settled(Leaders("a", "a", "a"), "b", first=False) == [
        Leaders("a", "a", "a"),
        Leaders("a", "a", "c"),
        Leaders("c", "a", "a"),
        Leaders("c", "a", "b"),
    ]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("written", sorted(SERVERS))
@pytest.mark.parametrize("keys", sorted(SERVERS))
@pytest.mark.parametrize("other", sorted(SERVERS))
def test_from_wherever_they_are_leaders_come_to_rest_apart(
    written: str, keys: str, other: str, *, first: bool
) -> None:
    steps = settled(Leaders(written, keys, other), "a", first=first)

    last = steps[-1]
    assert last.written not in {last.keys, last.other, "a"}
    assert len(steps) <= 4


def test_of_two_servers_one_leads_the_keys_and_the_other_one_what_is_written() -> None:
    assert better(Leaders("b", "b", "b"), "a", {"a", "b"}) == Leaders("b", "a", "a")
