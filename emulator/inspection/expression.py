"""JMESPath as a condition: compiled once, asked of one item after another."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Matches = Callable[[Any], bool]

EXPRESSION_LENGTH = 4096
_SHOWN = 200


class ExpressionError(ValueError):
    """The expression is not JMESPath; the text says where."""


def compile_expression(text: str) -> Matches:
    """Return what tells whether an item makes the expression true, as JMESPath understands it. Raise ExpressionError.

    Beside JMESPath's own functions there is `from_json`, for bodies: it reads a text, and makes null of one that is
    no JSON. What cannot be evaluated for an item, such as a comparison of its missing parts, does not match. What asks
    for too much work raises ExpressionError, too, when it is asked.

    >>> matches = compile_expression("from_json(body).total > `10`")
    >>> matches({"body": '{"total": 12}'}), matches({"body": "no JSON"})
    (True, False)
    """
    if len(text) > EXPRESSION_LENGTH:
        raise ExpressionError(f"An expression has at most {EXPRESSION_LENGTH} characters.")
    # 15 ms, which only those pay who use an expression.
    import jmespath  # type: ignore[import-untyped] # noqa: PLC0415
    from jmespath.exceptions import JMESPathError, JMESPathTypeError  # type: ignore[import-untyped] # noqa: PLC0415

    from pocketbus.emulator.inspection.bounded_jmespath import (  # noqa: PLC0415 - it imports jmespath
        MOST_WORK,
        BoundedInterpreter,
        TooMuchWorkError,
    )

    too_much = ExpressionError(
        f"{text[:_SHOWN]!r} builds or goes through more than {MOST_WORK} values for one item; make it simpler."
    )
    options = jmespath.Options(custom_functions=_functions())
    try:
        parsed = jmespath.compile(text).parsed
        # A function that does not exist, or takes other arguments, is found out only when it is called.
        with suppress(JMESPathTypeError):
            BoundedInterpreter(options).visit(parsed, {})
    except TooMuchWorkError:
        raise too_much from None
    except (JMESPathError, RecursionError) as error:
        raise ExpressionError(
            f"{text[:_SHOWN]!r} is no JMESPath expression: {str(error)[:_SHOWN]}"
        ) from error

    def matches(item: Any) -> bool:
        try:
            found = BoundedInterpreter(options).visit(parsed, item)
        except TooMuchWorkError:
            raise too_much from None
        except (JMESPathError, RecursionError):
            return False
        return _is_true(found)

    return matches


def _is_true(value: Any) -> bool:
    """Tell what JMESPath takes for true: 0 is."""
    return bool(value) if isinstance(value, str | list | dict) else value is not None and value is not False


def _functions() -> Any:
    from jmespath.functions import Functions, signature  # type: ignore[import-untyped] # noqa: PLC0415

    class WithJson(Functions):  # type: ignore[misc] # jmespath has no types
        """JMESPath's functions, and `from_json`."""

        @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath has no types
        def _func_from_json(self, text: str | None) -> Any:
            try:
                return None if text is None else json.loads(text)
            except (ValueError, RecursionError):
                return None

    return WithJson()
