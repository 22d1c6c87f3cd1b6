"""What a folder holds of a journal, read: from the newest good snapshot, or the beginning, to its end or an instant."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from pocketbus.emulator.buses.event_quotas import EventQuotas
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.state.document import StateError
from pocketbus.emulator.version import VERSION
from pocketbus.journal.directory import Directory, Snapshot
from pocketbus.journal.record import Record
from pocketbus.journal.replay import Replay
from pocketbus.journal.segment import JournalError, position_of

_SETS: Final = ("allow_origins", "allow_hosts")
_log = logging.getLogger("pocketbus")


def header_of(config: Config, seed: int, position: int) -> dict[str, Any]:
    """Return what a segment's first line tells: enough to make the engine anew that its records are replayed on."""
    told = to_builtins(config)
    told |= {name: sorted(told[name]) for name in _SETS} | {"seed": seed}
    return {"position": position, "config": told}


def config_of(header: Mapping[str, Any]) -> Config:
    """Return the settings that a header tells."""
    config = dict(header["config"])
    config |= {name: frozenset(config[name]) for name in _SETS}
    return Config(**config | {"event_quotas": EventQuotas(**config["event_quotas"])})


def same_settings(one: Config, other: Config) -> bool:
    """Compare the settings; the seed counts at the beginning of a journal only."""
    return replace(one, seed=None) == replace(other, seed=None)


class Torn(NamedTuple):
    """Where the last segment breaks off."""

    path: Path
    at: int


class History:
    """The journal of a folder, for one replay. After it, `position` is where that ended, `torn` what was cut short."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.position = 0
        self.began_at = 0
        """The position of the snapshot that the replay began with."""
        self.torn: Torn | None = None
        self.moved = False
        """Whether it ended before a segment with other settings, which begins with a snapshot."""
        self.header: dict[str, Any] = {}

    def begin(self, make: Callable[[Config], Engine], *, until: int | None = None) -> Replay:
        """Return an engine where the newest good snapshot has it that is not behind the position `until`.

        It is made by the settings of the segment that begins there. Raise JournalError.
        """
        for snapshot in self._directory.snapshots():
            if until is None or snapshot.position <= until:
                replay = self._begun(snapshot, make)
                if replay is not None:
                    return replay
        self.header = self._read_header(0)
        config = config_of(self.header)
        replay = Replay(make(config))
        replay.engine.ids.restore(Ids(config.seed).state())
        return replay

    def _begun(self, snapshot: Snapshot, make: Callable[[Config], Engine]) -> Replay | None:
        try:
            self.header = self._read_header(snapshot.position)
            replay = Replay(make(config_of(self.header)))
            for _ in replay.begin(snapshot):
                pass
        except (JournalError, StateError, OSError) as error:
            _log.warning("%s is left out, an older state is taken: %s", snapshot.path, error)
            return None
        self.position = self.began_at = snapshot.position
        return replay

    def _read_header(self, position: int) -> dict[str, Any]:
        for path in self._directory.segments_from(position)[:1]:
            if position_of(path) == position:
                header = self._directory.reading(path).header
                _check_version(path, header)
                return header
        raise JournalError(
            f"{self._directory.path} lacks the file that begins at the position {position}: put a copy of it there."
        )

    def records(self) -> Iterator[Record]:
        """Yield the records behind the position, which counts them, as long as the settings are the same.

        Raise JournalError.
        """
        self.moved = False
        segments = self._directory.segments_from(self.position)
        for path in segments:
            if position_of(path) != self.position:
                raise JournalError(
                    f"{self._directory.path} lacks the file that begins at the position {self.position}, "
                    f"before {path.name}: put a copy of it there."
                )
            reading = self._directory.reading(path)
            if reading.header and not same_settings(config_of(reading.header), config_of(self.header)):
                self.moved = True
                return
            for record in reading.records():
                self.position += 1
                yield record
            if reading.torn_at is not None:
                if path is not segments[-1]:
                    raise JournalError(
                        f"{path} ends at byte {reading.torn_at}: put a copy of the file in its place."
                    )
                self.torn = Torn(path, reading.torn_at)


def _check_version(path: Path, header: Mapping[str, Any]) -> None:
    if header.get("version") != VERSION:
        raise JournalError(
            f"{path} was written by pocketbus {header.get('version')}, this is {VERSION}: serve the folder with that "
            f"release, write its resources down with pocketbus export, and begin with them in an empty folder (--init)."
        )
