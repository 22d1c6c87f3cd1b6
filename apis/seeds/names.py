"""Names in the place of ARNs: read for an account and region, and written again."""

from collections.abc import Callable, Collection
from typing import Any

from pocketbus.apis.seeds.section import ALL, Parameters, Reference
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.scope import Scope

_PLACES = {
    "queue": ("sqs", ""),
    "topic": ("sns", ""),
    "bus": ("events", "event-bus/"),
    "function": ("lambda", "function:"),
}
"""In which service a kind is, and what stands before its name there."""
_ELSEWHERE = frozenset({"function"})
"""What is not here, so that its name cannot be looked up."""


class UnknownNameError(Exception):
    """A name means nothing, or more than one thing; the text says so."""


class Names:
    """The names of one scope; `known` are the ARNs of what is there or will be."""

    def __init__(self, scope: Scope, known: Collection[str]) -> None:
        self._scope = scope
        self._known = known

    def arn(self, kind: str, name: str) -> str:
        service, prefix = _PLACES[kind]
        return str(Arn.of(service, self._scope.region, self._scope.account, prefix + name))

    def read(self, reference: Reference, text: str) -> str:
        """Return the ARN that a name means: `orders` or, with its kind, `queue:orders`. Raise UnknownNameError."""
        if Arn.parse(text) is not None:
            return text
        kind, found, name = text.partition(":")
        named = (
            [(kind, name)] if found and kind in reference.kinds else [(one, text) for one in reference.kinds]
        )
        only = len(named) == 1
        found_kinds = [
            (kind, arn)
            for kind, name in named
            if (arn := self.arn(kind, name)) in self._known or (only and kind in _ELSEWHERE)
        ]
        if len(found_kinds) > 1:
            choices = " or ".join(f"{kind}:{text}" for kind, _ in found_kinds)
            raise UnknownNameError(f"{text} means more than one thing: write {choices}")
        if not found_kinds:
            kinds = " or ".join(kind for kind, _ in named)
            raise UnknownNameError(f"there is no {kinds} {text}, here or in the seed")
        return found_kinds[0][1]

    def write(self, reference: Reference, text: str) -> str:
        """Return the shortest that `read` takes for an ARN."""
        for kind in reference.kinds:
            name = text.removeprefix(self.arn(kind, ""))
            if name != text:
                for short in (name, f"{kind}:{name}"):
                    if self._means(reference, short, text):
                        return short
        return text

    def _means(self, reference: Reference, short: str, arn: str) -> bool:
        try:
            return self.read(reference, short) == arn
        except UnknownNameError:
            return False


def replaced(parameters: Parameters, reference: Reference, replace: Callable[[str], str]) -> Parameters:
    """Return the parameters with `replace` applied where the reference stands, if it does."""
    if not reference.applies(parameters):
        return parameters
    changed: Parameters = _replaced(parameters, reference.path, replace)
    return changed


def _replaced(value: Any, path: tuple[str, ...], replace: Callable[[str], str]) -> Any:
    if not path:
        return replace(value) if isinstance(value, str) else value
    step, rest = path[0], path[1:]
    if step == ALL and isinstance(value, list):
        return [_replaced(item, rest, replace) for item in value]
    if isinstance(value, dict) and step in value:
        return {**value, step: _replaced(value[step], rest, replace)}
    return value
