"""JMESPath whose work is bounded: what an expression builds and goes through for one item is counted on the way."""

from typing import Any, Final

from jmespath.visitor import TreeInterpreter  # type: ignore[import-untyped] # jmespath has no types

MOST_WORK: Final = 200_000
"""Values that an expression may build or go through for one item; a step of the evaluation counts as eight."""

_STEP = 8
_CHARACTERS = 64
"""Characters of a text that count as one value."""

_BUILDING = frozenset(
    {
        "flatten",
        "function_expression",
        "multi_select_dict",
        "multi_select_list",
        "slice",
    }
)
_GOING_THROUGH = frozenset({"comparator", "function_expression"})
"""What may look at all that its operands hold, however deep."""


class TooMuchWorkError(Exception):
    """The expression asks for more work than is allowed."""


class BoundedInterpreter(TreeInterpreter):  # type: ignore[misc] # the same
    """Evaluates one expression for one item. Raise TooMuchWorkError."""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self._left = MOST_WORK
        self._inside = ""
        self._sizes: dict[int, tuple[Any, int]] = {}

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        kind = node["type"]
        around, self._inside = self._inside, kind
        try:
            result = super().visit(node, *args, **kwargs)
        finally:
            self._inside = around
        counts = kind in _BUILDING or around in _GOING_THROUGH
        self._left -= _STEP + (self._size(result) if counts else 0)
        if self._left < 0:
            raise TooMuchWorkError
        return result

    def _size(self, value: Any) -> int:
        """Count what a value holds, all that is in it included; what occurs in it twice counts twice."""
        if isinstance(value, str):
            return 1 + len(value) // _CHARACTERS
        if not isinstance(value, list | dict):
            return 1
        known = self._sizes.get(id(value))
        if known is not None:
            return known[1]
        size = 1 + sum(map(self._size, value.values() if isinstance(value, dict) else value))
        # With the value, so that no other gets its identity meanwhile.
        self._sizes[id(value)] = (value, size)
        return size
