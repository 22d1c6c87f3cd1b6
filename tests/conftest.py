"""What the Dockerfile makes, made in a folder: the wheels, and a clean environment with the project installed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).parents[1]
WHEELS = Path(sys.prefix) / "wheels"


class Image(NamedTuple):
    """The Dockerfile's instructions, carried out below `root`; `environment` is its ENV, its programs first."""

    instructions: list[tuple[str, str]]
    root: Path
    environment: dict[str, str]
    wheel: Path

    def last(self, instruction: str) -> str:
        return [argument for name, argument in self.instructions if name == instruction][-1]


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Carry out the Dockerfile's pip commands, with wheels that lie ready instead of a network."""
    assert WHEELS.is_dir(), "make the environment with `make`: it fetches the wheels that this needs"
    root = tmp_path_factory.mktemp("image")
    instructions = _instructions((PROJECT / "Dockerfile").read_text(encoding="utf-8"))
    _copy_source(root / "source")
    venv.create(root / "python", with_pip=True)
    environment = _environment(root, instructions)
    for name, command in instructions:
        if name == "RUN" and "/wheels" in command:
            _run(command, root, environment)
    return Image(instructions, root, environment, next((root / "wheels").glob("pocketbus-*.whl")))


def _instructions(dockerfile: str) -> list[tuple[str, str]]:
    lines = re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    pairs = [line.partition(" ") for line in lines if line]
    return [(name, " ".join(argument.split())) for name, _, argument in pairs]


def _copy_source(target: Path) -> None:
    """Copy what .dockerignore, a list of exceptions to `*`, lets through."""
    target.mkdir()
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            source = PROJECT / line[1:]
            if source.is_dir():
                shutil.copytree(source, target / line[1:], ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)


def _environment(root: Path, instructions: list[tuple[str, str]]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    declared = dict(
        word.split("=", 1)
        for name, argument in instructions
        if name == "ENV"
        for word in shlex.split(argument)
    )
    path = {"PATH": f"{root / 'python' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return inherited | declared | path | pip


def _run(command: str, root: Path, environment: dict[str, str]) -> None:
    here = re.sub(r"--mount=\S+ ", "", command).replace(" /wheels", f" {root / 'wheels'}")
    done = subprocess.run(
        shlex.split(here), cwd=root / "source", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
