"""A path with the conditions on it, and the sub-rules that demand several such at once."""

from collections.abc import Collection

from pocketbus.rules.conditions import ABSENT, Condition, Equal
from pocketbus.rules.consistency import Choice, consistent
from pocketbus.rules.event import Atom, Fields
from pocketbus.rules.value import Value


class Requirement:
    """One of the conditions must hold for one of the path's values, or the path have none if ABSENT is among them.

    Compared by identity: who wants equal ones to be judged once shares them.
    """

    __slots__ = ("absence", "atoms", "conditions", "others", "path")

    def __init__(self, path: str, conditions: tuple[Condition, ...]) -> None:
        self.path = path
        self.conditions = conditions
        equals = frozenset(condition.atom for condition in conditions if isinstance(condition, Equal))
        # A set of one takes four times the memory of a tuple.
        self.atoms: Collection[Atom] = equals if len(equals) > 1 else tuple(equals)
        self.others = tuple(condition for condition in conditions if not isinstance(condition, Equal))
        self.absence = ABSENT in conditions

    def takes(self, atom: Atom) -> bool:
        if atom in self.atoms:
            return True
        return any(condition.matches(atom) for condition in self.others)

    def holds(self, fields: Fields) -> bool:
        """Judge this path alone; where it shares an array with others, `consistent` has the last word."""
        values = fields.values.get(self.path)
        if values is None:
            return self.absence
        return any(map(self.takes, values))

    def may_hold(self, fields: Fields) -> bool:
        """Judge this path alone, but let a value in another element of a shared array pass for absent."""
        return self.holds(fields) or (self.absence and self.path in fields.entangled)

    def choice(self, fields: Fields) -> Choice:
        values = fields.values.get(self.path, [])
        places = fields.places.get(self.path, {})
        taken = [places.get(at, ()) for at, atom in enumerate(values) if self.takes(atom)]
        return Choice(taken, [places.get(at, ()) for at in range(len(values))] if self.absence else None)


class SubRule(Value):
    """Requirements that must all hold, in order of path; a pattern has one sub-rule, or more through `$or`."""

    requirements: tuple[Requirement, ...]

    def holds(self, fields: Fields) -> bool:
        return all(requirement.may_hold(fields) for requirement in self.requirements) and self.agrees(fields)

    def agrees(self, fields: Fields, choices: dict[Requirement, Choice] | None = None) -> bool:
        """Say whether values that meet the requirements stand in the same elements of the arrays they share.

        Pass `choices` to share work between sub-rules that are judged by the same fields.
        """
        entangled = fields.entangled
        if not entangled or not any(requirement.path in entangled for requirement in self.requirements):
            return True
        known = {} if choices is None else choices
        for requirement in self.requirements:
            if requirement not in known:
                known[requirement] = requirement.choice(fields)
        return consistent([known[requirement] for requirement in self.requirements])
