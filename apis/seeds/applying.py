"""Applies a seed: all that it asks for is there afterwards or, on any mistake, nothing of it.

What is there already is left as it is where it does not differ, so that a seed can be applied again and again.
"""

import json
from collections.abc import Iterable
from typing import Any

from pocketbus.apis.seeds.checking import as_sent, mistakes_in
from pocketbus.apis.seeds.names import Names, UnknownNameError, replaced
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Entry, Mistake, Parameters, Section, SeedError
from pocketbus.apis.seeds.sections import SECTIONS
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.state.document import Part, export_state, import_state
from pocketbus.emulator.state.text import Document


def apply_seed(engine: Engine, entries: Iterable[Entry], base_url: str) -> None:
    """Make what the entries ask for, without a turn of the event loop in between. Raise SeedError."""
    wanted = list(entries)
    _refuse([mistake for entry in wanted for mistake in mistakes_in(entry)])
    seed = _Seed(engine, wanted, base_url)
    seed.check_names()
    try:
        seed.make()
    except BaseException:
        seed.undo()
        raise


def _refuse(mistakes: list[Mistake]) -> None:
    if mistakes:
        raise SeedError(mistakes)


class _Seed:
    def __init__(self, engine: Engine, entries: list[Entry], base_url: str) -> None:
        self._engine = engine
        self._entries = entries
        self._base_url = base_url
        self._places = {self._place(entry): None for entry in entries}
        self._operations = {place: Operations(engine, *place, base_url) for place in self._places}
        self._names = self._names_of_all()
        self._before: list[Document] | None = None
        """What there was before the first change: where all is there already, nobody asks."""

    def _keep_what_there_is(self) -> None:
        if self._before is None:
            parts = (Part(account, region) for account, region in self._places)
            self._before = [export_state(self._engine, part, references=True) for part in parts]

    def undo(self) -> None:
        """Have there what there was before."""
        for document in self._before or ():
            import_state(self._engine, document, references=True)

    def _place(self, entry: Entry) -> tuple[str, str]:
        config = self._engine.config
        return entry.account or config.account, entry.region or config.region

    def check_names(self) -> None:
        """Raise SeedError unless each name means something."""
        mistakes = []
        for entry in self._entries:
            try:
                self._as_sent(entry, entry.parameters)
            except UnknownNameError as error:
                mistakes.append(Mistake(entry.source, entry.path, f"{entry.section}: {error}"))
        _refuse(mistakes)

    def _names_of_all(self) -> dict[tuple[str, str], Names]:
        known = set(self._engine.resources)
        names = {place: Names(self._engine.scope(*place), known) for place in self._places}
        for entry in self._entries:
            section = SECTIONS[entry.section]
            if section.kind is not None:
                name = str(entry.parameters[section.key[0]])
                known.add(names[self._place(entry)].without_id(section.kind, name))
        return names

    def _as_sent(self, entry: Entry, parameters: Parameters) -> Parameters:
        """Return parameters of the entry as a client sends them, with ARNs in the place of names."""
        section, names = SECTIONS[entry.section], self._names[self._place(entry)]
        for reference in section.references:

            def read(text: str, reference: Any = reference) -> str:
                return names.read(reference, text)

            parameters = replaced(parameters, reference, read)
        sent: Parameters = as_sent(section.operation.input, parameters)
        return sent

    def make(self) -> None:
        for section in SECTIONS.values():
            entries = [entry for entry in self._entries if entry.section == section.name]
            for entry in entries:
                self._put(section, entry, _without_later(section, entry.parameters))
            for entry in entries:
                if section.later & entry.parameters.get("Attributes", {}).keys():
                    self._put(section, entry, entry.parameters)

    def _put(self, section: Section, entry: Entry, given: Parameters) -> None:
        operations = self._operations[self._place(entry)]
        parameters = self._as_sent(entry, given)
        try:
            there = section.read(operations, parameters)
            differing = {} if there is None else _differing(parameters, there)
            if there is None or differing:
                self._keep_what_there_is()
            if there is None:
                section.make(operations, parameters)
            elif differing:
                section.change(operations, there, differing)
        except EngineError as error:
            raise SeedError([_told(error, entry)]) from error


def _told(error: EngineError, entry: Entry) -> Mistake:
    """Tell AWS's error, at the attribute that it names, if it names one."""
    attributes = entry.parameters.get("Attributes", {})
    named = next((("Attributes", name) for name in attributes if name in error.message), ())
    text = f"{entry.section}: {type(error).__name__}: {error.message}"
    return Mistake(entry.source, (*entry.path, *named), text)


def _without_later(section: Section, parameters: Parameters) -> Parameters:
    attributes = parameters.get("Attributes")
    if not section.later or not attributes:
        return parameters
    now = {name: text for name, text in attributes.items() if name not in section.later}
    return {**parameters, "Attributes": now}


def _differing(wanted: Parameters, there: Parameters) -> Parameters:
    """Return what of the wanted is not there as it should be; of maps and lists, only those items."""
    differing: Parameters = {}
    for name, value in wanted.items():
        now = there.get(name)
        if isinstance(value, dict) and isinstance(now, dict):
            changed: Any = {key: one for key, one in value.items() if not _same(one, now.get(key))}
        elif isinstance(value, list) and isinstance(now, list):
            changed = [one for one in value if not any(_same(one, other) for other in now)]
        else:
            changed = None if _same(value, now) else value
        if changed not in (None, {}, []):
            differing[name] = changed
    return differing


def _same(wanted: Any, now: Any) -> bool:
    """Compare; JSON texts by what they say, as AWS writes some of them anew, and what is false like nothing."""
    if wanted == now or (not wanted and not now):
        return True
    if isinstance(wanted, dict) and isinstance(now, dict):
        return all(_same(wanted.get(name), now.get(name)) for name in wanted | now)
    if isinstance(wanted, list) and isinstance(now, list):
        return len(wanted) == len(now) and all(map(_same, wanted, now))
    if not (isinstance(wanted, str) and isinstance(now, str) and wanted.lstrip()[:1] in {"{", "["}):
        return False
    try:
        return bool(json.loads(wanted) == json.loads(now))
    except ValueError:
        return False
