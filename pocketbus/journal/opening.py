"""From a folder to a running engine: brought to where its journal ends, and writing on from there."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pocketbus.emulator.config import Config
from pocketbus.emulator.door import START
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids, token
from pocketbus.emulator.state.document import moment_lines
from pocketbus.emulator.state.standing import Told, told_of
from pocketbus.emulator.state.text import lines_in
from pocketbus.emulator.version import VERSION
from pocketbus.journal.directory import Directory
from pocketbus.journal.history import History, header_of, same_settings
from pocketbus.journal.journal import SNAPSHOT_RECORDS, Journal
from pocketbus.journal.replay import Replay, prepared
from pocketbus.journal.segment import JournalError, Reading, Segment, cut, name_of
from pocketbus.journal.tier import Tier

_SEEDS = 2**63
_log = logging.getLogger("pocketbus")


def open_journal(
    engine: Engine,
    path: Path,
    *,
    disk: bool,
    fail: Callable[[OSError], object],
    snapshot_records: int = SNAPSHOT_RECORDS,
    tier: Tier | None = None,
) -> Journal:
    """Bring an engine that was just made to where the journal of a folder ends, and have it go on from there.

    What is old is moved to the `tier`. To be called on the event loop that the engine is to run on, before it runs.
    Raise JournalError.
    """
    directory = Directory(path.absolute(), tier)  # whoever looks back may be elsewhere
    directory.own()
    engine.log_room.store = directory.chunks
    try:
        if directory.segments():
            history, moved = _recovered(engine, directory)
            seed, position, behind = history.header["config"]["seed"], history.position, history.began_at
        else:
            _check_empty(directory)
            seed, position, behind, moved = _begun(engine), 0, 0, None
        segment = _segment(directory, header_of(engine.config, seed, position), disk=disk)
        if moved is not None:
            directory.keep_at_once(position, {"position": position, **moved.told}, moved.state)
        if tier is not None:
            directory.remember(tier)
    except BaseException:
        directory.leave()
        raise
    journal = Journal(
        engine,
        directory,
        segment,
        position,
        disk=disk,
        behind=position - behind,
        fail=fail,
        snapshot_records=snapshot_records,
        tier=tier,
    )
    engine.door.go_live(journal)
    with engine.door.entry(START, VERSION):
        pass
    return journal


def _check_empty(directory: Directory) -> None:
    """Raise JournalError where a journal is to begin whose folder has lost another one."""
    if directory.has_moved_out():
        raise JournalError(
            f"{directory.path} is empty, and its tier has the old files of a journal: put the files back that were in "
            f"the folder, or name another place with --tier."
        )


def _begun(engine: Engine) -> int:
    """Let the choices begin with a seed that can be written down, and return it."""
    seed = engine.config.seed
    if seed is None:
        seed = int(token(), 16) % _SEEDS
        engine.ids.restore(Ids(seed).state())
    return seed


def _recovered(engine: Engine, directory: Directory) -> "tuple[History, _Moved | None]":
    """Replay all there is; a state that had to move to other settings is a snapshot."""
    history = History(directory)

    def make(config: Config) -> Engine:
        return engine if same_settings(config, engine.config) else prepared(Engine(config), directory.chunks)

    with _without_collector():
        replay = history.begin(make)
        for record in history.records():
            replay.repeat(record)
        if history.moved:
            raise JournalError(
                f"{directory.path} lacks a good snapshot at the position {history.position}, where the settings "
                f"changed: put a copy of {history.position:016d}.snapshot there."
            )
        moved = None if replay.engine is engine else _move(replay, engine)
    if history.torn is not None:
        lost = cut(*history.torn)
        _log.warning(
            "%s broke off at byte %d: the %d bytes behind it, which nobody had an answer to, are beside it",
            *history.torn,
            lost,
        )
    return history, moved


class _Moved(NamedTuple):
    """A state that had to move to other settings, as it was before it went on under them."""

    told: Told
    state: list[bytes]


def _move(replay: Replay, engine: Engine) -> _Moved:
    """Let an engine with other settings have the state, with all that is under way."""
    old = replay.engine
    old.door.forget_what_cannot_be_told()
    told = told_of(old)
    state = list(moment_lines(old))
    for _ in Replay(engine).take_up(told, lines_in(state)):
        pass
    old.door.abandon()
    return _Moved(told, state)


def _segment(directory: Directory, header: dict[str, object], *, disk: bool) -> Segment:
    """Begin a segment; one that began at the same position holds nothing."""
    path = directory.path / name_of(int(str(header["position"])))
    if path.exists():
        if next(Reading(path).records(), None) is not None:
            raise JournalError(f"{path} holds more than was replayed: this is a defect; please report it.")
        path.unlink()
    segment = Segment(path, disk=disk, header=header)
    directory.sync()
    return segment


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare what is made anew, which stays, the walks of the collector."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
