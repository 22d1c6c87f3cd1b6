"""The filters of EventBridge Pipes: event patterns with fewer operators.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from pocketbus.rules.anything_but import anything_but
from pocketbus.rules.compiling import Operators
from pocketbus.rules.operators import OPERATORS
from pocketbus.rules.pattern import Pattern, compile_dialect

_OPERATORS: Operators = {
    **{name: operator for name, operator in OPERATORS.items() if name != "wildcard"},
    "anything-but": anything_but({}),
}


def compile_pipe_pattern(text: str) -> Pattern:
    """Compile a filter of a pipe; raise InvalidPattern with the reason.

    >>> compile_pipe_pattern('{"body": {"name": [{"wildcard": "a*"}]}}')
    Traceback (most recent call last):
    pocketbus.rules.rejection.InvalidPattern: Unrecognized match type wildcard
     at [Source: (String)"{"body": {"name": [{"wildcard": "a*"}]}}"; line: 1, column: 34]
    """
    return compile_dialect(text, _OPERATORS)
