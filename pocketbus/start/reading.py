"""Reads a seed: a file of pocketbus' own form, or one of a neighbour's, which its content tells."""

from pathlib import Path
from types import ModuleType
from typing import Any

from pocketbus.apis.seeds.checking import mistakes_in
from pocketbus.apis.seeds.document import entries_of
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.apis.seeds.section import SeedError
from pocketbus.start import elasticmq, fauxqs, goaws
from pocketbus.start.seed import Seed, told
from pocketbus.start.text import TextFile, read_text_file

_NEIGHBOURS = (elasticmq, goaws, fauxqs)


def read_seed(path: Path) -> Seed:
    """Read a file and check it. Raise SeedingError, which names the place of each mistake."""
    file = read_text_file(path)
    content = file.content if file.content is not None else {}
    if not isinstance(content, dict):
        raise SeedingError(f"{path}:1: this is no table of resources")
    for neighbour in _NEIGHBOURS:
        if neighbour.recognises(content):
            return _neighbours(neighbour, content, file)
    try:
        return Seed(file, entries_of(content, file))
    except SeedError as error:
        raise told(error.mistakes) from error


def _neighbours(neighbour: ModuleType, content: dict[str, Any], file: TextFile) -> Seed:
    seed = Seed(file)
    try:
        neighbour.read(content, seed)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        form = neighbour.__name__.rpartition(".")[2]
        raise SeedingError(f"{file.path}: this looks like {form}'s form and is not: {error!r}") from error
    mistakes = [mistake for entry in seed.entries for mistake in mistakes_in(entry)]
    if mistakes:
        raise told(mistakes)
    return seed
