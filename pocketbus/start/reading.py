"""Reads a seed: a file of pocketbus' own form, or one of a neighbour's, which its content tells."""

from pathlib import Path
from typing import Any

from pocketbus.apis.seeds.checking import mistakes_in
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.apis.seeds.section import Entry, Mistake
from pocketbus.apis.seeds.sections import SECTIONS
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
    seed = Seed(file)
    mistakes: list[Mistake] = []
    for neighbour in _NEIGHBOURS:
        if neighbour.recognises(content):
            try:
                neighbour.read(content, seed)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                form = neighbour.__name__.rpartition(".")[2]
                raise SeedingError(f"{path}: this looks like {form}'s form and is not: {error!r}") from error
            break
    else:
        seed.entries = _own(content, file)
        mistakes += [
            Mistake(file, (name,), f"{name} is a list of tables, such as [[{name}]] in TOML")
            for name, listed in content.items()
            if name in SECTIONS and not isinstance(listed, list)
        ]
    mistakes += [mistake for entry in seed.entries for mistake in mistakes_in(entry)]
    if mistakes:
        raise told(mistakes)
    return seed


def _own(content: dict[str, Any], file: TextFile) -> list[Entry]:
    place = {name: content.get(name) for name in ("account", "region")}
    found = []
    for section, listed in content.items():
        if section in place:
            continue
        if not isinstance(listed, list):
            if section not in SECTIONS:
                found.append(Entry(section, listed, (section,), file))
            continue
        for index, given in enumerate(listed):
            own = given if isinstance(given, dict) else {}
            parameters = {name: value for name, value in own.items() if name not in place} if own else given
            where = {name: own.get(name, default) for name, default in place.items()}
            found.append(
                Entry(section, parameters, (section, index), file, where["account"], where["region"])
            )
    return found
