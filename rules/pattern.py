"""EventBridge event patterns: their JSON compiled to sub-rules, with AWS's own rejections."""

from pocketbus.rules.compiling import Operators
from pocketbus.rules.complexity import is_too_complex
from pocketbus.rules.conditions import Condition
from pocketbus.rules.event import Event, Paths
from pocketbus.rules.operators import OPERATORS, value_condition
from pocketbus.rules.reader import Reader, Token
from pocketbus.rules.rejection import InvalidPattern
from pocketbus.rules.requirement import Requirement, SubRule
from pocketbus.rules.value import Value

__all__ = ["InvalidPattern", "Pattern", "compile_pattern"]

MAX_COMBINATIONS = 1000
"""Of `$or` branches. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"""

_TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters"
    " or fewer repeating character sequences after a wildcard character"
)
_RESERVED_IN_OR = frozenset(
    [
        *OPERATORS,
        *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"),
        *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
        *("ip-address-in-range", "ip-address-not-in-range"),
    ]
)

_Branch = dict[str, tuple[Condition, ...]]


class Pattern(Value):
    """A compiled pattern: an event matches it if one of its sub-rules holds."""

    text: str
    subrules: tuple[SubRule, ...]
    paths: Paths

    def matches(self, event: Event) -> bool:
        fields = event.fields(self.paths)
        return any(subrule.holds(fields) for subrule in self.subrules)


def compile_pattern(text: str) -> Pattern:
    """Compile an event pattern; raise InvalidPattern with AWS's reason.

    >>> pattern = compile_pattern('{"source": ["shop"], "detail": {"price": [{"numeric": [">=", 10]}]}}')
    >>> pattern.matches(Event.from_json('{"source": "shop", "detail": {"price": 12.5}}'))
    True
    >>> compile_pattern('{"source": []}')
    Traceback (most recent call last):
    pocketbus.rules.rejection.InvalidPattern: Empty arrays are not allowed
     at [Source: (String)"{"source": []}"; line: 1, column: 14]
    """
    pattern = compile_dialect(text, OPERATORS)
    requirements = {requirement for subrule in pattern.subrules for requirement in subrule.requirements}
    if is_too_complex(requirement.conditions for requirement in requirements):
        raise InvalidPattern(_TOO_COMPLEX)
    return pattern


def compile_dialect(text: str, operators: Operators) -> Pattern:
    try:
        branches = _Compiler(text, operators, or_is_name=False).compile()
    except InvalidPattern as wrong:
        # AWS then reads `$or` as the name of a field; what neither reading allows is refused in terms of the first.
        # Reasons without a location do not come from its parser and are final.
        if not wrong.location:
            raise
        try:
            branches = _Compiler(text, operators, or_is_name=True).compile()
        except InvalidPattern:
            raise wrong from None
    requirements: dict[tuple[str, tuple[Condition, ...]], Requirement] = {}
    subrules = dict.fromkeys(_subrule(branch, requirements) for branch in branches)
    return Pattern(text, tuple(subrules), Paths({requirement.path for requirement in requirements.values()}))


def _subrule(branch: _Branch, known: dict[tuple[str, tuple[Condition, ...]], Requirement]) -> SubRule:
    # Sorted as Java sorts strings, by UTF-16 unit: the order decides what `exists: false` sees within arrays.
    paths = sorted(branch, key=lambda path: path.encode("utf-16-be", "surrogatepass"))
    return SubRule(
        tuple(known.setdefault((path, branch[path]), Requirement(path, branch[path])) for path in paths)
    )


class _Compiler:
    """One pass over a pattern's text. `branches` are the combinations of `$or` alternatives read so far."""

    def __init__(self, text: str, operators: Operators, *, or_is_name: bool) -> None:
        self._reader = Reader(text)
        self._operators = operators
        self._or_is_name = or_is_name

    def compile(self) -> list[_Branch]:
        if self._reader.next() is not Token.OPEN_OBJECT:
            raise self._reader.refuse("Filter is not an object")
        return self._object([{}], ())

    def _object(
        self, branches: list[_Branch], path: tuple[str, ...], reserved: frozenset[str] = frozenset()
    ) -> list[_Branch]:
        if self._reader.next() is Token.CLOSE_OBJECT:
            raise self._reader.refuse("Empty objects are not allowed")
        while self._reader.token is not Token.CLOSE_OBJECT:
            branches = self._member(branches, path, reserved)
            self._reader.next()
        return branches

    def _member(
        self, branches: list[_Branch], path: tuple[str, ...], reserved: frozenset[str]
    ) -> list[_Branch]:
        name = self._reader.text
        if name == "$or" and not self._or_is_name:
            return self._alternatives(branches, path)
        if name in reserved:
            raise self._reader.refuse(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        token = self._reader.next()
        if token is Token.OPEN_OBJECT:
            return self._object(branches, (*path, name), reserved)
        if token is not Token.OPEN_ARRAY:
            raise self._reader.refuse(f'"{name}" must be an object or an array')
        dotted, conditions = ".".join((*path, name)), self._conditions()
        for branch in branches:
            branch[dotted] = conditions
        return branches

    def _conditions(self) -> tuple[Condition, ...]:
        if self._reader.next() is Token.CLOSE_ARRAY:
            raise self._reader.refuse("Empty arrays are not allowed")
        conditions: dict[Condition, None] = {}
        while self._reader.token is not Token.CLOSE_ARRAY:
            conditions[value_condition(self._reader, self._operators)] = None
            self._reader.next()
        return tuple(conditions)

    def _alternatives(self, before: list[_Branch], path: tuple[str, ...]) -> list[_Branch]:
        if self._reader.next() is not Token.OPEN_ARRAY:
            raise self._reader.refuse("It must be an Array followed with $or.")
        after: list[_Branch] = []
        count = 0
        while self._reader.next() is not Token.CLOSE_ARRAY:
            if self._reader.token is not Token.OPEN_OBJECT:
                raise self._reader.refuse("Only JSON object is allowed in array of $or relationship.")
            after += self._object([dict(branch) for branch in before], path, _RESERVED_IN_OR)
            count += 1
            if len(after) > MAX_COMBINATIONS:
                raise InvalidPattern(
                    f"Rule is too complex - at most {MAX_COMBINATIONS} combinations of $or are allowed"
                )
        if count < 2:
            raise self._reader.refuse("There must have at least 2 Objects in $or relationship.")
        return after
