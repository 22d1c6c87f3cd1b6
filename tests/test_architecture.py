"""What may import what, where the time and chance come from, and that no module holds state."""

import ast
import re
import sys
import tomllib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("rules", "emulator", "apis", "pocketbus")
FRONT_DOOR = ROOMS[-1]
SERVING = frozenset({"http", "httptools", "starlette", "uvicorn", "uvloop"})
SNS = ("pocketbus.apis.sns", "pocketbus.emulator.topics")
EVENTS = ("pocketbus.apis.events", "pocketbus.emulator.buses")
CLOCK = "pocketbus.emulator.time.clock"
CLOCK_READS = frozenset(
    {
        f"time.{name}{unit}"
        for name in ("time", "monotonic", "perf_counter", "process_time")
        for unit in ("", "_ns")
    }
    | {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}
)
IDS = "pocketbus.emulator.ids"
CHANCE = ("random", "secrets", "uuid", "os.urandom", "os.getrandom")
MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_CALLS = frozenset(
    {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}
)

MODULES = {
    "google-crc32c": "google_crc32c",
    "jsonata-python": "jsonata",
    "nats-py": "nats",
    "pyyaml": "yaml",
    "tomli-w": "tomli_w",
}
"""What a distribution is imported as, where that is not its name."""

Check = Callable[[Path], list[str]]


class Module:
    """One source file: its dotted name, its tree, and what its imports bind."""

    def __init__(self, tree: Path, path: Path) -> None:
        self.where = path.relative_to(tree).as_posix()
        self.name = installed_name(Path(self.where.removesuffix("/__init__.py").removesuffix(".py")))
        self.syntax = ast.parse(path.read_text(encoding="utf-8"))
        self.imports = list(_imports(self.syntax))

    def at(self, line: int, what: str) -> str:
        return f"{self.where}:{line}: {what}"

    def uses(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the full dotted name of each imported thing that is used or imported."""
        bound = {alias: name for _, name, alias in self.imports}
        yield from ((line, name) for line, name, _ in self.imports)
        for node in ast.walk(self.syntax):
            if isinstance(node, ast.Attribute):
                first, _, rest = ast.unparse(node).partition(".")
                if first in bound:
                    yield node.lineno, f"{bound[first]}.{rest}"


def _imports(syntax: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the full name and the bound name of each import; a relative one has a leading dot."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            for name in node.names:
                whole = name.name if name.asname else name.name.partition(".")[0]
                yield node.lineno, name.name, name.asname or whole
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield (
                    node.lineno,
                    "." * node.level + f"{node.module or ''}.{name.name}",
                    name.asname or name.name,
                )


def installed_name(path: Path) -> str:
    """Name a module or package by its place in the tree: the three rooms are installed below the front door."""
    return ".".join(path.parts if path.parts[0] == FRONT_DOOR else (FRONT_DOOR, *path.parts))


def modules(tree: Path) -> list[Module]:
    return [Module(tree, path) for room in ROOMS for path in sorted((tree / room).rglob("*.py"))]


def within(name: str, packages: tuple[str, ...] | frozenset[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def rank(name: str) -> int:
    """Tell how high a module stands: it may import what is no higher. What is of nobody's room is lowest."""
    names = (*(f"{FRONT_DOOR}.{room}" for room in ROOMS[:-1]), FRONT_DOOR)
    return next((height for height, room in enumerate(names) if within(name, (room,))), -1)


def upward_imports(tree: Path) -> list[str]:
    return [
        module.at(line, f"imports {name}")
        for module in modules(tree)
        for line, name, _ in module.imports
        if name.startswith(".") or rank(name) > rank(module.name) or name.partition(".")[0] in ROOMS[:-1]
    ]


def foreign_imports_in_rules(tree: Path) -> list[str]:
    return [
        module.at(line, f"imports {name}")
        for module in modules(tree)
        for line, name, _ in module.imports
        if rank(module.name) == 0
        and name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith("pocketbus.")
    ]


def import_circle(tree: Path) -> list[str]:
    """Name the shortest way on which a module imports itself; what is imported for types or late counts too."""
    imported = _imported_modules(tree)
    ways = (_way_back(name, imported) for name in imported)
    circles = sorted((way for way in ways if way), key=len)
    return [" -> ".join(way) for way in circles[:1]]


def _imported_modules(tree: Path) -> dict[str, set[str]]:
    found = modules(tree)
    names = {module.name for module in found}
    return {
        module.name: {
            next((known for known in (name, name.rpartition(".")[0]) if known in names), "")
            for _, name, _ in module.imports
        }
        & names
        for module in found
    }


def _way_back(start: str, imported: Mapping[str, Collection[str]]) -> list[str]:
    """Return the shortest way from a module to itself, by a breadth-first search; empty if there is none."""
    ways = deque([[start]])
    seen: set[str] = set()
    while ways:
        way = ways.popleft()
        for name in sorted(imported[way[-1]]):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def serving_below_the_apis(tree: Path) -> list[str]:
    return [
        module.at(line, f"imports {name}")
        for module in modules(tree)
        for line, name, _ in module.imports
        if rank(module.name) < rank("pocketbus.apis") and name.partition(".")[0] in SERVING
    ]


def crossings_of_sns_and_events(tree: Path) -> list[str]:
    return [
        module.at(line, f"imports {name}")
        for module in modules(tree)
        for line, name, _ in module.imports
        for one, other in ((SNS, EVENTS), (EVENTS, SNS))
        if within(module.name, one) and within(name, other)
    ]


def clock_reads(tree: Path) -> list[str]:
    return [
        module.at(line, f"reads {name}")
        for module in modules(tree)
        for line, name in module.uses()
        if name in CLOCK_READS and module.name != CLOCK
    ]


def chance(tree: Path) -> list[str]:
    return [
        module.at(line, f"uses {name}")
        for module in modules(tree)
        for line, name in module.uses()
        if within(name, CHANCE) and module.name != IDS
    ]


def module_state(tree: Path) -> list[str]:
    found = []
    for module in modules(tree):
        for node in module.syntax.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_mutable(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [ast.unparse(target) for target in targets]
                found += [module.at(node.lineno, f"holds {name}") for name in names if not _is_constant(name)]
        found += [
            module.at(node.lineno, f"rebinds {', '.join(node.names)}")
            for node in ast.walk(module.syntax)
            if isinstance(node, ast.Global)
        ]
    return found


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in MUTABLE_CALLS
    return isinstance(value, MUTABLE_DISPLAYS)


def _is_constant(name: str) -> bool:
    return re.fullmatch("_?[A-Z][A-Z0-9_]*|__all__", name) is not None


def unlisted_packages(tree: Path) -> list[str]:
    """Name the folders with code and the entries of the package list that lack their counterpart."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = {path.parent for room in ROOMS for path in (tree / room).rglob("*.py")}
    found = {installed_name(folder.relative_to(tree)) for folder in folders}
    return sorted(found ^ listed)


def undeclared_imports(tree: Path) -> list[str]:
    """Name what is imported of other distributions that the project does not declare, extras included."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    requirements = project["dependencies"] + [one for name in extras if name != "dev" for one in extras[name]]
    distributions = {re.split(r"[^\w.-]", one)[0].lower() for one in requirements}
    declared = {MODULES.get(name, name) for name in distributions}
    # pytest loads its plugin itself, so whoever runs that module has pytest.
    known = sys.stdlib_module_names | declared | {"pocketbus", "pytest"}
    return [
        module.at(line, f"imports {name}")
        for module in modules(tree)
        for line, name, _ in module.imports
        if name.partition(".")[0] not in known
    ]


CHECKS: tuple[Check, ...] = (
    upward_imports,
    import_circle,
    foreign_imports_in_rules,
    serving_below_the_apis,
    crossings_of_sns_and_events,
    clock_reads,
    chance,
    module_state,
    unlisted_packages,
    undeclared_imports,
)
NEEDING_PROJECT = (unlisted_packages, undeclared_imports)


@pytest.mark.parametrize("check", CHECKS)
def test_the_project_keeps_its_architecture(check: Check) -> None:
    assert check(PROJECT) == []


@pytest.mark.parametrize(
    ("check", "file", "source", "finding"),
    [
        (
            upward_imports,
            "rules/a.py",
            "from pocketbus.emulator.queues import queue",
            "imports pocketbus.emulator.queues.queue",
        ),
        (upward_imports, "emulator/a.py", "import pocketbus.apis.app", "imports pocketbus.apis.app"),
        (upward_imports, "emulator/a.py", "from pocketbus import apis", "imports pocketbus.apis"),
        (
            upward_imports,
            "emulator/a.py",
            "from pocketbus.server import url_of",
            "imports pocketbus.server.url_of",
        ),
        (
            upward_imports,
            "apis/a.py",
            "def f():\n    import pocketbus.embedded",
            "imports pocketbus.embedded",
        ),
        (upward_imports, "apis/a.py", "from pocketbus import Emulator", "imports pocketbus.Emulator"),
        (upward_imports, "rules/a.py", "import pocketbus", "imports pocketbus"),
        (upward_imports, "pocketbus/a.py", "import apis.app", "imports apis.app"),
        (upward_imports, "apis/a.py", "from . import codec", "imports ..codec"),
        (upward_imports, "apis/a.py", "import emulator.queue", "imports emulator.queue"),
        (foreign_imports_in_rules, "rules/a.py", "import orjson", "imports orjson"),
        (serving_below_the_apis, "rules/a.py", "from http import HTTPStatus", "imports http.HTTPStatus"),
        (serving_below_the_apis, "emulator/a.py", "import starlette.routing", "imports starlette.routing"),
        (
            crossings_of_sns_and_events,
            "apis/sns/a.py",
            "from pocketbus.apis.events import rules",
            "imports pocketbus.apis.events.rules",
        ),
        (
            crossings_of_sns_and_events,
            "emulator/buses/bus.py",
            "from pocketbus.emulator.topics.topic import Topic",
            "imports pocketbus.emulator.topics.topic.Topic",
        ),
        (clock_reads, "emulator/a.py", "import time as t\nx = t.time()", "reads time.time"),
        (clock_reads, "apis/a.py", "from time import monotonic", "reads time.monotonic"),
        (
            clock_reads,
            "rules/a.py",
            "import datetime\nx = datetime.datetime.now()",
            "reads datetime.datetime.now",
        ),
        (
            clock_reads,
            "rules/a.py",
            "from datetime import date\nx = date.today()",
            "reads datetime.date.today",
        ),
        (chance, "apis/a.py", "from uuid import uuid4", "uses uuid.uuid4"),
        (chance, "emulator/a.py", "import os\nx = os.urandom(8)", "uses os.urandom"),
        (module_state, "emulator/a.py", "queues = {}", "holds queues"),
        (module_state, "apis/a.py", "cache: dict[str, int] = dict()", "holds cache"),
        (module_state, "rules/a.py", "import collections\nseen = collections.deque()", "holds seen"),
        (module_state, "rules/a.py", "N = 0\ndef f():\n    global N\n    N = 1", "rebinds N"),
    ],
)
def test_a_breach_of_the_architecture_is_found(
    check: Check, file: str, source: str, finding: str, tmp_path: Path
) -> None:
    _write(tmp_path / file, source)

    assert [found.split(": ", 1)[1] for found in check(tmp_path)] == [finding]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("apis/a.py", "from pocketbus.emulator.queues.queue import Queue\nimport starlette"),
        ("pocketbus/server.py", "import uvloop\nfrom pocketbus.apis.app import create_app"),
        ("pocketbus/command/a.py", "from pocketbus.embedded import Emulator"),
        ("emulator/time/clock.py", "import time\nx = time.time()"),
        ("emulator/ids.py", "import random"),
        ("emulator/a.py", "TABLE = {}\n_OPERATORS = []\n__all__ = ['TABLE']\nlimit = 3"),
        ("rules/a.py", "from datetime import UTC, datetime\nx = datetime.fromtimestamp(0, UTC)"),
    ],
)
def test_what_the_architecture_allows_is_not_found(file: str, source: str, tmp_path: Path) -> None:
    _write(tmp_path / file, source)

    assert [found for check in CHECKS if check not in NEEDING_PROJECT for found in check(tmp_path)] == []


def test_the_shortest_import_circle_is_found_through_types_and_late_imports(tmp_path: Path) -> None:
    _write(tmp_path / "emulator/a.py", "from pocketbus.emulator import b\nfrom pocketbus.emulator.d import D")
    _write(tmp_path / "emulator/b.py", "def f():\n    from pocketbus.emulator.c import C")
    _write(
        tmp_path / "emulator/c.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pocketbus.emulator.a",
    )
    _write(tmp_path / "emulator/d.py", "from pocketbus.emulator.a import A")

    assert import_circle(tmp_path) == ["pocketbus.emulator.a -> pocketbus.emulator.d -> pocketbus.emulator.a"]

    _write(tmp_path / "emulator/d.py", "")
    assert import_circle(tmp_path) == [
        "pocketbus.emulator.a -> pocketbus.emulator.b -> pocketbus.emulator.c -> pocketbus.emulator.a"
    ]


def test_a_folder_that_the_package_list_lacks_is_found_and_the_reverse(tmp_path: Path) -> None:
    _write(
        tmp_path / "pyproject.toml", '[tool.setuptools]\npackages = ["pocketbus.apis", "pocketbus.apis.gone"]'
    )
    _write(tmp_path / "apis/__init__.py", "")
    _write(tmp_path / "apis/scheduler/__init__.py", "")
    _write(tmp_path / "pocketbus/inspector/__init__.py", "")

    assert unlisted_packages(tmp_path) == [
        "pocketbus.apis.gone",
        "pocketbus.apis.scheduler",
        "pocketbus.inspector",
    ]


def test_an_import_of_what_the_project_does_not_declare_is_found(tmp_path: Path) -> None:
    _write(
        tmp_path / "pyproject.toml",
        '[project]\ndependencies = ["starlette>=1.0"]\n[project.optional-dependencies]\ndev = ["moto>=5"]',
    )
    _write(tmp_path / "apis/a.py", "import starlette.routing\nimport json\ndef f():\n    import moto")

    assert undeclared_imports(tmp_path) == ["apis/a.py:4: imports moto"]


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
