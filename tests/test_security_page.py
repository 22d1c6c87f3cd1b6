"""docs/SECURITY.md: each promise names a test that exists."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "SECURITY.md"
_LINK = re.compile(r"\[(test_\w+)\]\(([^)#]+)\)")
_ROW = re.compile(r"^\| (?!Promise |---)(.+) \|$", re.MULTILINE)


def test_every_promise_names_a_test_that_exists() -> None:
    promises = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    missing = [promise for promise in promises if not _is_held(promise)]

    assert len(promises) > 15
    assert missing == []


def _is_held(promise: str) -> bool:
    links = _LINK.findall(promise)
    return bool(links) and all(
        re.search(
            rf"^(?:async )?def {name}\(", (PAGE.parent / file).read_text(encoding="utf-8"), re.MULTILINE
        )
        for name, file in links
    )
