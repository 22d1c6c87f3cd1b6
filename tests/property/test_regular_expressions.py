"""No regular expression that meets a client's text takes more than linear time, whatever the text.

The texts are made from each expression itself: whatever it repeats is repeated, and then comes what it refuses.
"""

import ast
import importlib
import itertools
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import resources
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined] # the parsed form has no public name
from re import _parser as parser  # type: ignore[attr-defined] # the same
from types import ModuleType
from typing import Any

import pytest

from pocketbus.apis.codec.validate import compile_pattern
from tests.soon import is_soon

ROOT = Path(__file__).parents[2]
ROOMS = ("rules", "emulator", "apis")
SERVICES = ("sqs", "sns", "events", "sts")

LENGTHS = (*range(12, 28, 2), 10_000)
"""Of what is repeated: short ones, little by little, show what grows exponentially before it takes for ever; a long
one shows what grows with the square."""
SECONDS = 0.2
"""Of the processor, for one text. A linear expression needs a hundredth of it, one with the square seconds."""

ENDS = ("", "\n", "\x00", "\u00e9", "!", " ", "/", ":x", "\t\x07")
VARIETIES = 3
"""How many different characters of one class are tried."""


# What an expression is made of


def _sample(parsed: Any, variety: int) -> str:
    """Return a text that the parsed expression takes, with as little as possible of what is optional."""
    return "".join(_sample_of(kind, argument, variety) for kind, argument in parsed)


def _sample_of(kind: Any, argument: Any, variety: int) -> str:  # noqa: PLR0911 - one line a construct
    match kind:
        case op.LITERAL:
            return chr(argument)
        case op.NOT_LITERAL:
            return "a" if argument != ord("a") else "b"
        case op.ANY:
            return "a/-"[variety % 3]
        case op.IN:
            members = _members(argument)
            return members[variety % len(members)]
        case op.SUBPATTERN:
            return _sample(argument[-1], variety)
        case op.ATOMIC_GROUP:
            return _sample(argument, variety)
        case op.BRANCH:
            branches = argument[1]
            return _sample(branches[variety % len(branches)], variety)
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            least, _, inner = argument
            return _sample(inner, variety) * int(least)
        case _:
            return ""


def _members(argument: Any) -> list[str]:
    """Return some characters of a class: the separators among them first, since they occur in several."""
    expression = re.compile(_class_text(argument))
    wanted = ' \t-:/.aA1_\\"%=+'
    return [one for one in wanted if expression.fullmatch(one)] or [
        one for one in map(chr, (*range(0x250), *range(0xD800, 0xD810))) if expression.fullmatch(one)
    ]


def _class_text(argument: Any) -> str:
    parts = []
    for kind, value in argument:
        match kind:
            case op.NEGATE:
                parts.append("^")
            case op.LITERAL:
                parts.append(re.escape(chr(value)))
            case op.RANGE:
                parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
            case op.CATEGORY:
                parts.append(_CATEGORIES[value])
    return f"[{''.join(parts)}]"


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _pumps(parsed: Any, variety: int) -> Iterator[tuple[str, str]]:
    """Yield what leads to each repetition, and what it repeats, however deep it lies."""
    before = ""
    for kind, argument in parsed:
        for inner in _inner(kind, argument):
            for lead, pump in _pumps(inner, variety):
                yield before + lead, pump
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and argument[1] > 1:
            once = _sample(argument[2], variety)
            yield before, once
            yield before + once, "".join(_sample(argument[2], one) for one in range(VARIETIES))
        before += _sample_of(kind, argument, variety)


def _inner(kind: Any, argument: Any) -> list[Any]:
    match kind:
        case op.SUBPATTERN:
            return [argument[-1]]
        case op.ATOMIC_GROUP:
            return [argument]
        case op.BRANCH:
            return list(argument[1])
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            return [argument[2]]
        case op.ASSERT | op.ASSERT_NOT:
            return [argument[1]]
        case _:
            return []


def hostile_texts(expression: "re.Pattern[Any]", length: int) -> Iterator[str]:
    pattern = expression.pattern
    parsed = parser.parse(pattern if isinstance(pattern, str) else pattern.decode("latin-1"))
    found: dict[tuple[str, str], None] = {}
    for variety in range(VARIETIES):
        found.update(dict.fromkeys(_pumps(parsed, variety)))
    for lead, pump in found:
        for end in ENDS:
            yield lead + (pump * length)[:length] + end
            yield lead + ((pump + " ") * length)[:length] + end


def _ask(ask: Callable[..., Any], method: str, given: str | bytes) -> None:
    found = ask("", given) if method == "sub" else ask(given)
    if method == "finditer":
        list(found)


def slow_text(expression: "re.Pattern[Any]", method: str) -> str | None:
    """Return a text that takes too long, if there is one."""
    ask = getattr(expression, method)
    for length in LENGTHS:
        for text in hostile_texts(expression, length):
            given = text if isinstance(expression.pattern, str) else text.encode("latin-1", "replace")
            if not is_soon(partial(_ask, ask, method, given), SECONDS):
                return f"{text[:80]!r} and so on, {len(text)} characters"
    return None


# The expressions


def model_patterns() -> list[str]:
    found: dict[str, None] = {}
    for service in SERVICES:
        text = resources.files("pocketbus.apis.models").joinpath(f"{service}.json").read_text("utf-8")
        shapes = json.loads(text)["shapes"].values()
        found.update(dict.fromkeys(shape["pattern"] for shape in shapes if "pattern" in shape))
    return list(found)


def source_expressions() -> list[tuple[str, "re.Pattern[Any]", str]]:
    """Return each expression that a module holds, with each method that is called on it."""
    return [
        (f"{path.relative_to(ROOT)}:{name}.{method}", expression, method)
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name != "__main__.py"
        for name, expression, method in _of_module(path)
    ]


def _of_module(path: Path) -> Iterator[tuple[str, "re.Pattern[Any]", str]]:
    tree = ast.parse(path.read_text("utf-8"))
    module: ModuleType | None = None
    used: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.setdefault(node.value.id, set()).add(node.attr)
    if "re" not in used:
        return
    module = importlib.import_module("pocketbus." + ".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern):
            for method in sorted(used.get(name, {"fullmatch"})):
                yield name, value, method


@pytest.mark.parametrize("pattern", model_patterns())
def test_a_pattern_of_the_models_takes_linear_time(pattern: str) -> None:
    assert slow_text(compile_pattern(pattern), "fullmatch") is None


@pytest.mark.parametrize(
    ("expression", "method"), [pytest.param(*one[1:], id=one[0]) for one in source_expressions()]
)
def test_a_regular_expression_of_the_source_takes_linear_time(
    expression: "re.Pattern[Any]", method: str
) -> None:
    assert slow_text(expression, method) is None


def test_a_regular_expression_with_the_square_and_one_worse_are_found() -> None:
    assert slow_text(re.compile(r"[0-9]+\.?[0-9]*"), "fullmatch") is not None
    assert slow_text(re.compile(r"(?:[a-z]+)*"), "fullmatch") is not None


def test_every_regular_expression_has_a_name_by_which_it_is_tested() -> None:
    called = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name not in {"__main__.py", "pytest_plugin.py"}
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr not in {"compile", "escape"}
    ]

    assert called == []


ALPHABETS = {
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": "\t a:\n",
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": "\t a~\u00e9",
    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$": "/a\n:",
}


@pytest.mark.parametrize(("pattern", "alphabet"), ALPHABETS.items())
def test_a_pattern_that_was_made_linear_matches_what_the_models_own_does(pattern: str, alphabet: str) -> None:
    lead = "arn:aws-cn:events:eu-west-1::" if pattern.startswith("^arn") else ""
    texts = [
        lead + "".join(letters) for size in range(7) for letters in itertools.product(alphabet, repeat=size)
    ]

    ours, its = compile_pattern(pattern), re.compile(pattern, re.ASCII)

    assert ours.pattern != pattern
    assert [text for text in texts if bool(ours.fullmatch(text)) != bool(its.fullmatch(text))] == []
