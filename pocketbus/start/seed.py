"""What a seed file asks for, whoever's form it has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.apis.seeds.section import Entry, Mistake
from pocketbus.start.text import TextFile


class Seed(Struct):
    """The resources of one file; `settings` and `ports` are what a neighbour's file says of its server."""

    file: TextFile
    entries: list[Entry] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What of the file has no meaning here, one line each."""

    def ask(
        self,
        section: str,
        parameters: dict[str, Any],
        path: tuple[str | int, ...],
        region: str | None = None,
    ) -> None:
        self.entries.append(Entry(section, parameters, path, self.file, region=region))


def server_settings(given: Mapping[str, Any], account: str, region: str) -> dict[str, str]:
    """Read a neighbour's account and region by its names; an account that was read as a number lost its zeros."""
    settings = {"account": str(given[account]).zfill(12)} if account in given else {}
    return settings | ({"region": str(given[region])} if region in given else {})


def told(mistakes: list[Mistake]) -> SeedingError:
    """Tell each mistake on a line of its own, with its place."""
    return SeedingError(
        "\n".join(f"{mistake.source.place(mistake.path)}: {mistake.text}" for mistake in mistakes)
    )


def folder_files(folder: Path, above: tuple[Path, ...] = ()) -> list[Path]:
    """Return the files of a folder by name, then those of its folders, depth first.

    Hidden ones are left out: there Kubernetes keeps the files of a ConfigMap, which its links lead to. So are links
    to a folder `above`.
    """
    around = (*above, folder.resolve())
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    folders = [entry for entry in entries if entry.is_dir() and entry.resolve() not in around]
    below = [file for entry in folders for file in folder_files(entry, around)]
    return [entry for entry in entries if entry.is_file()] + below
