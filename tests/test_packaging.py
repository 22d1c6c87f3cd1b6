"""The built wheel: what is in it, and that it works where nothing else of the project is."""

import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Image

PROJECT = Path(__file__).parents[1]
ROOMS = ("apis", "emulator", "rules")
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# These two are for users who have boto3 and pytest.
IMPORT_ALL = """
import importlib, pkgutil
for room in ("apis", "emulator", "rules"):
    package = importlib.import_module(f"pocketbus.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"pocketbus.{room}."):
        if module.name not in ("pocketbus.emulator.demo", "pocketbus.emulator.pytest_plugin"):
            importlib.import_module(module.name)
"""


def names_in(image: "Image") -> list[str]:
    with zipfile.ZipFile(image.wheel) as wheel:
        return wheel.namelist()


def run(image: "Image", *command: str) -> str:
    done = subprocess.run(
        command, cwd=image.root, env=image.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_puts_nothing_but_the_namespace_into_site_packages(image: "Image") -> None:
    assert {name.partition("/")[0] for name in names_in(image)} == {
        "pocketbus",
        f"pocketbus-{VERSION}.dist-info",
    }


def test_the_wheel_has_every_file_of_the_rooms(image: "Image") -> None:
    files = {
        f"pocketbus/{path.relative_to(PROJECT).as_posix()}"
        for room in ROOMS
        for path in (PROJECT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in names_in(image) if name.startswith("pocketbus/")} == files


def test_the_wheel_says_that_it_is_typed(image: "Image") -> None:
    assert {f"pocketbus/{room}/py.typed" for room in ROOMS} <= set(names_in(image))


def test_the_wheel_has_the_licence_and_the_notice(image: "Image") -> None:
    licences = f"pocketbus-{VERSION}.dist-info/licenses"

    assert {f"{licences}/LICENSE", f"{licences}/NOTICE"} <= set(names_in(image))


def test_the_wheel_registers_its_pytest_plugin(image: "Image") -> None:
    with zipfile.ZipFile(image.wheel) as wheel:
        entry_points = wheel.read(f"pocketbus-{VERSION}.dist-info/entry_points.txt").decode()

    assert "[pytest11]\npocketbus = pocketbus.emulator.pytest_plugin\n" in entry_points


def test_every_module_can_be_imported_from_the_wheel_alone(image: "Image") -> None:
    assert run(image, "python", "-c", IMPORT_ALL) == ""


def test_what_the_wheel_needs_is_installed_with_it(image: "Image") -> None:
    assert run(image, "python", "-m", "pip", "check") == "No broken requirements found.\n"


def test_the_installed_command_says_the_projects_version(image: "Image") -> None:
    assert run(image, "pocketbus", "--version") == f"pocketbus {VERSION}\n"
