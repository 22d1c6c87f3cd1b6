"""The measure by which EventBridge calls a rule too complex: how many wildcard states one value can keep alive.

The measure is that of aws/event-ruler (MachineComplexityEvaluator). AWS's cap on it is not published: it refused
a pattern of 11 and accepted one of 7.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from pocketbus.rules.conditions import Condition, wildcards_of

TOO_COMPLEX = 11
_SEARCHED_STATES = 20_000
"""A search for the worst value ends here; what is not measured by then is called too complex."""

_STAR = -1
_OTHER = -2
_END = -3
_QUOTE = ord('"')

_Symbols: TypeAlias = tuple[int, ...]
_State: TypeAlias = tuple[int, int, bool]
"""Number of the wildcard, how many of its symbols are read, and whether it now stands on the star that is next."""
_Alive: TypeAlias = frozenset[_State]


def is_too_complex(fields: Iterable[Sequence[Condition]]) -> bool:
    """Judge the condition lists of a rule, each of one path.

    >>> from pocketbus.rules.conditions import Wildcard
    >>> is_too_complex([[Wildcard("*:*", ("", ":", ""))]])
    False
    """
    return any(
        _worst_of(wildcards) >= TOO_COMPLEX
        for wildcards in {_wildcards(field) for field in fields}
        if wildcards
    )


def _wildcards(conditions: Iterable[Condition]) -> tuple[_Symbols, ...]:
    return tuple(sorted(_symbols(wildcard.pieces) for wildcard in wildcards_of(conditions)))


def _symbols(pieces: Sequence[str]) -> _Symbols:
    """Spell a wildcard as the bytes of a quoted string with stars between them."""
    spelt = [_QUOTE]
    for at, piece in enumerate(pieces):
        spelt += [_STAR] if at else []
        spelt += piece.encode("utf-8", "replace")
    return (*spelt, _QUOTE)


def _worst_of(wildcards: Sequence[_Symbols]) -> int:
    """Return the most states alive after any value, or TOO_COMPLEX at once when that is reached."""
    first: _Alive = frozenset((number, 0, False) for number in range(len(wildcards)))
    seen: set[_Alive] = set()
    waiting = [first]
    worst = 0
    while waiting:
        alive = waiting.pop()
        expected = [(state, *_expects(wildcards, state)) for state in alive]
        for byte in {byte for _, _, byte in expected} - {_END} | {_OTHER}:
            after = frozenset(_step(wildcards, expected, byte))
            worst = max(worst, len(after))
            if worst >= TOO_COMPLEX or len(seen) > _SEARCHED_STATES:
                return TOO_COMPLEX
            if after and after not in seen:
                seen.add(after)
                waiting.append(after)
    return worst


def _expects(wildcards: Sequence[_Symbols], state: _State) -> tuple[int, int]:
    """Return which symbol may come next from a state and what it is."""
    number, at, on_star = state
    follow = at + on_star
    return follow, wildcards[number][follow] if follow < len(wildcards[number]) else _END


def _step(
    wildcards: Sequence[_Symbols], expected: Sequence[tuple[_State, int, int]], byte: int
) -> Iterator[_State]:
    for state, follow, awaited in expected:
        number, _, on_star = state
        if on_star:
            yield state
        if awaited == byte:
            yield (number, follow + 1, False)
            if wildcards[number][follow + 1 : follow + 2] == (_STAR,):
                yield (number, follow + 1, True)
