"""A seed as it is written: sections with entries, each in the account and region of its own or of the whole."""

from typing import Any

from pocketbus.apis.seeds.checking import mistakes_in
from pocketbus.apis.seeds.section import Entry, Mistake, SeedError
from pocketbus.apis.seeds.sections import SECTIONS

PLACE = ("account", "region")


def entries_of(content: dict[str, Any], source: Any = None) -> list[Entry]:
    """Return the entries of a seed that has no mistakes. Raise SeedError."""
    entries = [
        entry for section in content if section not in PLACE for entry in _entries(content, section, source)
    ]
    mistakes = [
        Mistake(source, (name,), f"{name} is a list of tables, such as [[{name}]] in TOML")
        for name, listed in content.items()
        if name in SECTIONS and not isinstance(listed, list)
    ]
    mistakes += [mistake for entry in entries for mistake in mistakes_in(entry)]
    if mistakes:
        raise SeedError(mistakes)
    return entries


def _entries(content: dict[str, Any], section: str, source: Any) -> list[Entry]:
    listed = content[section]
    if not isinstance(listed, list):
        return [] if section in SECTIONS else [Entry(section, listed, (section,), source)]
    return [_entry(content, section, index, given, source) for index, given in enumerate(listed)]


def _entry(content: dict[str, Any], section: str, index: int, given: Any, source: Any) -> Entry:
    path = (section, index)
    if not isinstance(given, dict):
        return Entry(section, given, path, source)
    parameters = {name: value for name, value in given.items() if name not in PLACE}
    account, region = (given.get(name, content.get(name)) for name in PLACE)
    return Entry(section, parameters, path, source, account, region)
