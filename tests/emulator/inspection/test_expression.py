"""Conditions in JMESPath: what they may cost."""

import json

import pytest

from pocketbus.emulator.inspection.expression import ExpressionError, compile_expression
from tests.soon import is_soon

DOUBLING = {
    "lists": " | ".join(["@ && [@,@][]"] * 30),
    "nested lists": " | ".join(["[@,@]"] * 60),
    "objects": " | ".join(["{a:@,b:@}"] * 60),
    "texts": "body | " + " | ".join(["join('',[@,@])"] * 60),
    "JSON in JSON": "body | " + " | ".join(["to_string([@,@])"] * 60),
    "projections": "from_json(body) | " + " | ".join(["[].[@,@][]"] * 30),
    "comparisons": "(" + " | ".join(["[@,@]"] * 14) + ") == (" + " | ".join(["[@,@]"] * 14) + ")",
}


@pytest.mark.parametrize("text", DOUBLING.values(), ids=DOUBLING)
def test_an_expression_that_doubles_what_it_builds_is_refused_in_time(text: str) -> None:
    def refuse() -> None:
        with pytest.raises(ExpressionError, match="more than 200000 values"):
            compile_expression(text)({"body": '["a", "b"]'})

    assert is_soon(refuse)


def test_a_long_body_is_searched_as_ever() -> None:
    body = json.dumps({"items": [{"price": number} for number in range(4000)]})

    assert compile_expression("from_json(body).items[?price == `3999`] | [0]")({"body": body})
    assert compile_expression("contains(body, '3999')")({"body": body + "x" * 1_000_000})
