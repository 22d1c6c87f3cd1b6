"""Print what the project needs at run time in an image, with all of its extras, one requirement a line, for pip."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
EXTRAS = ("hocon", "nats", "yaml")

if __name__ == "__main__":
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    print(*project["dependencies"], *(one for name in EXTRAS for one in extras[name]), sep="\n")
