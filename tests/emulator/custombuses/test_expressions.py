"""JSONata expressions as they are read, before any is evaluated."""

import sys

import pytest

from pocketbus.emulator.custombuses.expressions import ExpressionError, check_expression


def test_reading_an_expression_leaves_the_depth_of_recursion_as_it_was() -> None:
    before = sys.getrecursionlimit()

    check_expression("a.b")

    assert sys.getrecursionlimit() == before


def test_an_expression_that_nests_too_deep_is_refused() -> None:
    with pytest.raises(ExpressionError):
        check_expression("(" * 5000 + "a" + ")" * 5000)
