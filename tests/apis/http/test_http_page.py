"""docs/HTTP.md: the tests that it names are there."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "HTTP.md"
TESTS = Path(__file__).parent


def test_every_test_that_the_page_names_exists() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    named = [re.fullmatch(r"\| .* \| .* \| `(test_\w+)` \|", row) for row in rows]
    sources = "".join(path.read_text() for path in TESTS.glob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", sources))

    assert len(rows) > 30
    assert [row for row, name in zip(rows, named, strict=True) if name is None] == []
    assert {name[1] for name in named if name} <= defined
