"""Names in the place of ARNs: read for an account and region, and written again."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pocketbus.apis.seeds.section import ALL, Parameters, Reference
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.scope import Scope

_PLACES = {
    "queue": ("sqs", ""),
    "topic": ("sns", ""),
    "bus": ("events", "event-bus/"),
    "function": ("lambda", "function:"),
    "connection": ("events", "connection/"),
    "api-destination": ("events", "api-destination/"),
    "custom-bus": ("events", "event-busv2/"),
}
"""In which service a kind is, and what stands before its name there."""
_WITH_IDS = frozenset({"connection", "api-destination", "custom-bus"})
"""What has an id behind its name, which no seed can know: its ARN is known once it is there."""
_ELSEWHERE = frozenset({"function"})
"""What is not here, so that its name cannot be looked up."""


class UnknownNameError(Exception):
    """A name means nothing, or more than one thing; the text says so."""


class Names:
    """The names of one scope; `known` are the ARNs of what is there or will be, without ids."""

    def __init__(self, scope: Scope, known: Collection[str]) -> None:
        self._scope = scope
        self._known = known

    def without_id(self, kind: str, name: str) -> str:
        """Return the ARN as far as the name tells it."""
        service, prefix = _PLACES[kind]
        return str(Arn.of(service, self._scope.region, self._scope.account, prefix + name))

    def _arn(self, kind: str, name: str) -> str:
        there = self._with_ids(kind).get(name)
        return self.without_id(kind, name) if there is None else str(there.arn)

    def _with_ids(self, kind: str) -> Mapping[str, Any]:
        with_ids: Mapping[str, Mapping[str, Any]] = {
            "connection": self._scope.events.connections,
            "api-destination": self._scope.events.api_destinations,
            "custom-bus": self._scope.custom.custom_buses,
        }
        return with_ids.get(kind, {})

    def _is_known(self, kind: str, name: str) -> bool:
        return self.without_id(kind, name) in self._known or name in self._with_ids(kind)

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
            (kind, self._arn(kind, name))
            for kind, name in named
            if self._is_known(kind, name) or (only and kind in _ELSEWHERE)
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
            name = text.removeprefix(self.without_id(kind, ""))
            if name != text:
                if kind in _WITH_IDS:
                    name = name.rpartition("/")[0]
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
