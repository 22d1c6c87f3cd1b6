"""The examples in the docstrings of rules/, run under the name the package is installed by."""

import doctest
import importlib
from pathlib import Path

import pytest

MODULES = sorted(
    file.stem for file in (Path(__file__).parents[2] / "rules").glob("*.py") if file.stem != "__init__"
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"pocketbus.rules.{name}"))

    assert outcome.failed == 0
