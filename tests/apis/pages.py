"""What pages of docs/ say of a service: tables of all that its model has, each row with its test, or with a reason."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


class Page:
    """A page whose tests are in a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        self.text = (DOCS / name).read_text(encoding="utf-8")
        self._folder = folder

    def rows(self, section: str) -> dict[str, str]:
        """Return the second cell of each row of a section's table by its first."""
        text, _, _ = self.text.partition(f"\n## {section}\n")[2].partition("\n## ")
        _, *found = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.MULTILINE)
        return dict(found)

    def unproven(self, section: str) -> list[str]:
        """Return the rows that name no test that exists, nor why what they are about never occurs."""
        return [name for name, cell in self.rows(section).items() if not self._proves(cell)]

    def _proves(self, cell: str) -> bool:
        reference = re.fullmatch(r"`(\w+\.py)::(\w+)`", cell)
        if reference is None:
            return cell.startswith("never: ")
        return reference[2] in _functions_in(self._folder / reference[1])

    def example(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return what the page's example prints and says of its errors, and what the page says that it does."""
        program, expected = re.findall(
            r"^```(?:python|text)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
        )
        return (done.stdout, done.stderr), (expected, "")


def members(shapes: dict[str, dict[str, dict[str, object]]], *names: str) -> set[str]:
    """Return the names of all members of some shapes."""
    return {member for name in names for member in shapes[name]["members"]}


def exceptions(shapes: dict[str, dict[str, object]]) -> set[str]:
    return {name for name, shape in shapes.items() if shape.get("exception")}


@cache
def _functions_in(file: Path) -> frozenset[str]:
    body: Iterable[ast.stmt] = ast.parse(file.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
