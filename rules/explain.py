"""Why a pattern does not match an event, in words that a user can act on."""

from pocketbus.rules.conditions import shown
from pocketbus.rules.event import Event, Fields
from pocketbus.rules.pattern import Pattern
from pocketbus.rules.requirement import Requirement, SubRule
from pocketbus.rules.value import Value

_SHOWN_VALUES = 5
_SHOWN_CHARS = 200


class Mismatch(Value):
    """The path that failed, what the event has there and what the pattern wants there."""

    path: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.path}: found {self.found}, wanted {self.wanted}"


def explain(pattern: Pattern, event: Event) -> Mismatch | None:
    """Say why the pattern does not match, or None if it does; of several `$or` branches the nearest is explained.

    >>> from pocketbus.rules.pattern import compile_pattern
    >>> pattern = compile_pattern('{"detail": {"price": [{"numeric": [">", 10]}]}}')
    >>> str(explain(pattern, Event.from_json('{"detail": {"price": "12"}}')))
    'detail.price: found "12", wanted a number > 10'
    """
    fields = event.fields(pattern.paths)
    if any(subrule.holds(fields) for subrule in pattern.subrules):
        return None
    nearest = min(pattern.subrules, key=lambda subrule: len(_failing(subrule, fields)) or 0.5)
    failing = _failing(nearest, fields)
    if failing:
        return Mismatch(failing[0].path, _found(failing[0].path, fields), _wanted(failing[0]))
    return _disagreement(nearest, fields)


def _failing(subrule: SubRule, fields: Fields) -> list[Requirement]:
    return [requirement for requirement in subrule.requirements if not requirement.may_hold(fields)]


def _disagreement(subrule: SubRule, fields: Fields) -> Mismatch:
    """Explain a sub-rule whose paths are each met, but by different elements of an array."""
    shared = [requirement for requirement in subrule.requirements if requirement.path in fields.entangled]
    for count in range(1, len(shared) + 1):
        if not SubRule(tuple(shared[:count])).agrees(fields):
            break
    failing = shared[count - 1]
    others = " and ".join(requirement.path for requirement in shared[: count - 1])
    within = f", in the array element that meets {others}" if others else ""
    return Mismatch(failing.path, _found(failing.path, fields), f"{_wanted(failing)}{within}")


def _found(path: str, fields: Fields) -> str:
    values = [shown(atom) for atom in fields.values.get(path, [])]
    if not values:
        return "nothing"
    listed = ", ".join(map(_cut, values[:_SHOWN_VALUES]))
    return listed if len(values) <= _SHOWN_VALUES else f"{listed} and {len(values) - _SHOWN_VALUES} more"


def _wanted(requirement: Requirement) -> str:
    wanted = [_cut(str(condition)) for condition in requirement.conditions]
    listed = " or ".join(wanted[:_SHOWN_VALUES])
    return (
        listed if len(wanted) <= _SHOWN_VALUES else f"{listed} or one of {len(wanted) - _SHOWN_VALUES} more"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."
