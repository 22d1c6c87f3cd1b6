"""The clock: running, frozen, moved by hand."""

import pytest

from pocketbus.emulator.time import clock as clock_module
from pocketbus.emulator.time.clock import Clock


class SystemTime:
    """A stand-in for the module `time`."""

    def __init__(self, at: float) -> None:
        self.at = at

    def time(self) -> float:
        return self.at


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> SystemTime:
    system = SystemTime(1_000.0)
    monkeypatch.setattr(clock_module, "time", system)
    return system


def test_a_running_clock_tells_the_systems_time(system: SystemTime) -> None:
    clock = Clock()
    system.at = 1_234.5

    assert clock.now() == 1_234.5
    assert not clock.frozen


def test_a_clock_can_start_frozen(system: SystemTime) -> None:
    clock = Clock(frozen_at=50.0)

    assert clock.now() == 50.0
    assert clock.frozen


def test_a_frozen_clock_stands_still_while_the_systems_time_goes_on(system: SystemTime) -> None:
    clock = Clock()
    clock.freeze()
    system.at = 1_100.0

    assert clock.now() == 1_000.0


def test_a_thawed_clock_runs_on_from_where_it_stood(system: SystemTime) -> None:
    clock = Clock()
    clock.freeze()
    system.at = 1_100.0
    clock.thaw()
    system.at = 1_105.0

    assert clock.now() == 1_005.0
    assert not clock.frozen


def test_thawing_a_running_clock_changes_nothing(system: SystemTime) -> None:
    clock = Clock()
    clock.thaw()

    assert clock.now() == 1_000.0


def test_a_frozen_clock_that_is_set_stays_frozen(system: SystemTime) -> None:
    clock = Clock()
    clock.freeze()
    clock.set(5_000.0)
    system.at = 1_100.0

    assert clock.now() == 5_000.0


def test_a_running_clock_that_is_set_runs_on_from_there(system: SystemTime) -> None:
    clock = Clock()
    clock.set(5_000.0)
    system.at = 1_001.0

    assert clock.now() == 5_001.0


def test_a_clock_can_be_set_back(system: SystemTime) -> None:
    clock = Clock()
    clock.set(10.0)

    assert clock.now() == 10.0


def test_freezing_keeps_the_instant_a_clock_was_set_to(system: SystemTime) -> None:
    clock = Clock()
    clock.set(5_000.0)
    clock.freeze()
    system.at = 1_001.0

    assert clock.now() == 5_000.0
