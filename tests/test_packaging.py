"""The built wheel: what is in it, and that it works where nothing else of the project is; the other ways to import."""

import ast
import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pocketbus
from pocketbus.emulator.version import VERSION

if TYPE_CHECKING:
    from tests.conftest import Image

PROJECT = Path(__file__).parents[1]
ROOMS = ("apis", "emulator", "rules")

# These are for users who have boto3 and pytest.
IMPORT_ALL = """
import importlib, pkgutil, pocketbus
for module in pkgutil.walk_packages(pocketbus.__path__, "pocketbus."):
    if module.name not in ("pocketbus.__main__", "pocketbus.pytest_plugin"):
        importlib.import_module(module.name)
"""

USE = """
from pocketbus import Emulator
with Emulator() as emulator:
    print(emulator.export_state()["version"])
"""

WHERE = """
from pathlib import Path
import pocketbus, pocketbus.apis, pocketbus.emulator, pocketbus.rules
for package in (pocketbus, pocketbus.apis, pocketbus.emulator, pocketbus.rules):
    print(Path(package.__file__).parent)
"""


def names_in(image: "Image") -> list[str]:
    with zipfile.ZipFile(image.wheel) as wheel:
        return wheel.namelist()


def run(image: "Image", *command: str) -> str:
    return output(list(command), image.root, image.environment)


def output(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_editable_install(folder: Path, *arguments: str) -> str:
    """Run Python in this environment, which `make` installs the project into as editable, away from the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return output([sys.executable, *arguments], folder, environment)


def from_checkout(folder: Path, *arguments: str) -> str:
    """Run Python where the dependencies are and the project is not: without `site`, nothing makes it importable."""
    environment = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")}
    return output([sys.executable, "-S", *arguments], folder, environment)


def test_the_wheel_puts_nothing_but_the_namespace_into_site_packages(image: "Image") -> None:
    assert {name.partition("/")[0] for name in names_in(image)} == {
        "pocketbus",
        f"pocketbus-{VERSION}.dist-info",
    }


def test_the_wheel_has_every_file_of_the_rooms(image: "Image") -> None:
    prefixes = {"pocketbus": ""} | dict.fromkeys(ROOMS, "pocketbus/")
    files = {
        prefix + path.relative_to(PROJECT).as_posix()
        for room, prefix in prefixes.items()
        for path in (PROJECT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in names_in(image) if name.startswith("pocketbus/")} == files


def test_the_wheel_says_that_it_is_typed(image: "Image") -> None:
    assert "pocketbus/py.typed" in names_in(image)


def test_the_wheel_has_the_licence_and_the_notice(image: "Image") -> None:
    licences = f"pocketbus-{VERSION}.dist-info/licenses"

    assert {f"{licences}/LICENSE", f"{licences}/NOTICE"} <= set(names_in(image))


def test_the_wheel_registers_its_pytest_plugin(image: "Image") -> None:
    with zipfile.ZipFile(image.wheel) as wheel:
        entry_points = wheel.read(f"pocketbus-{VERSION}.dist-info/entry_points.txt").decode()

    assert "[pytest11]\npocketbus = pocketbus.pytest_plugin\n" in entry_points


def test_every_module_can_be_imported_from_the_wheel_alone(image: "Image") -> None:
    assert run(image, "python", "-c", IMPORT_ALL) == ""


def test_what_the_wheel_needs_is_installed_with_it(image: "Image") -> None:
    assert run(image, "python", "-m", "pip", "check") == "No broken requirements found.\n"


def test_the_installed_command_says_the_projects_version(image: "Image") -> None:
    assert run(image, "pocketbus", "--version") == f"pocketbus {VERSION}\n"


def test_python_runs_the_package_as_the_command(image: "Image") -> None:
    assert run(image, "python", "-m", "pocketbus", "--version") == f"pocketbus {VERSION}\n"


def test_the_version_of_the_distribution_is_the_one_that_the_code_tells() -> None:
    assert version("pocketbus") == VERSION


def test_an_emulator_runs_from_an_installed_wheel(image: "Image") -> None:
    assert run(image, "python", "-c", USE) == f"{VERSION}\n"


def test_an_emulator_runs_from_an_editable_install(tmp_path: Path) -> None:
    assert from_editable_install(tmp_path, "-c", USE) == f"{VERSION}\n"
    assert from_editable_install(tmp_path, "-c", WHERE).split() == packages_of(PROJECT)


def test_an_emulator_runs_from_a_source_checkout(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No module named 'pocketbus'"):
        from_checkout(tmp_path, "-c", USE)

    assert from_checkout(PROJECT, "-c", USE) == f"{VERSION}\n"
    assert from_checkout(PROJECT, "-c", WHERE).split() == packages_of(PROJECT)
    assert from_checkout(PROJECT, "-m", "pocketbus", "--version") == f"pocketbus {VERSION}\n"


def test_a_source_checkout_comes_before_an_installed_wheel(image: "Image") -> None:
    checkout = image.root / "source"

    assert output(["python", "-c", WHERE], checkout, image.environment).split() == packages_of(checkout)


def packages_of(checkout: Path) -> list[str]:
    return [str(checkout / room) for room in ("pocketbus", *ROOMS)]


def test_importing_the_package_alone_takes_less_than_20_milliseconds(tmp_path: Path) -> None:
    assert min(import_microseconds(tmp_path) for _ in range(5)) < 20_000


def import_microseconds(folder: Path) -> int:
    """Let Python itself measure, apart from its own start; the package's is the last line: its own, then the sum."""
    command = [sys.executable, "-X", "importtime", "-c", "import pocketbus"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    _, microseconds, name = done.stderr.splitlines()[-1].split("|")
    assert name.strip() == "pocketbus"
    return int(microseconds)


def test_importing_the_package_loads_none_of_its_rooms(tmp_path: Path) -> None:
    program = "import sys, pocketbus; print([name for name in sys.modules if name.startswith('pocketbus')])"

    assert from_editable_install(tmp_path, "-c", program) == "['pocketbus']\n"


@pytest.mark.parametrize("name", pocketbus.__all__)
def test_each_name_that_users_write_down_is_there(name: str) -> None:
    assert getattr(pocketbus, name).__name__ == name


def test_the_types_of_the_names_are_those_of_what_is_loaded() -> None:
    stub = ast.parse((PROJECT / "pocketbus" / "__init__.pyi").read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert typed == {name: getattr(pocketbus, name).__module__ for name in pocketbus.__all__}


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Emulater' from 'pocketbus'"):
        exec("from pocketbus import Emulater")  # noqa: S102 - type checkers refuse it before it runs
