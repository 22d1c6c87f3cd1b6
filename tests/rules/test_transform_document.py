"""The examples of the user pages do what they say."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["TRANSFORM.md", "SCHEDULES.md"])
def test_the_examples_of_the_page_are_true(page: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)

    assert examples.examples
    assert doctest.DocTestRunner().run(examples) == (0, len(examples.examples))
