"""A seed's text as data: TOML, JSON, YAML or HOCON by the name of its file, and where in it something stands."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.start.positions import line_in_json, line_in_toml, line_in_yaml, line_of_name

_INCLUDED_DEFAULTS = re.compile(r"^\s*include\s+(required\()?classpath\(.*$", re.MULTILINE)
"""ElasticMQ's own defaults, which are in its program."""


class TextFile(NamedTuple):
    """A file that was read."""

    path: Path
    text: str
    content: Any
    find_line: Callable[[str, Sequence[str | int]], int | None]

    def place(self, path: Sequence[str | int]) -> str:
        """Tell the file and the line of what a path leads to, or of what is nearest above it."""
        for length in range(len(path), -1, -1):
            line = self.find_line(self.text, path[:length])
            if line is not None:
                return f"{self.path}:{line}"
        return str(self.path)


def is_data(path: Path) -> bool:
    return path.suffix in _FORMATS


def read_text_file(path: Path) -> TextFile:
    """Read a file. Raise SeedingError, which names the place of a mistake."""
    load, find_line = _FORMATS[path.suffix]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise SeedingError(f"{path}: {error}") from error
    try:
        return TextFile(path, text, load(text), find_line)
    except ModuleNotFoundError as error:
        extra = "hocon" if path.suffix == ".conf" else "yaml"
        raise SeedingError(f"{path}: to read it, pip install 'pocketbus[{extra}]'") from error
    except _Unreadable as error:
        line, reason = error.args
        raise SeedingError(f"{path}:{line}: {reason}") from error
    except RecursionError as error:
        raise SeedingError(f"{path}: it is nested too deeply") from error
    except ValueError as error:
        # What its form allows and Python has not: a number of 5,000 digits, a date of the year 0.
        raise SeedingError(f"{path}: {error}") from error


class _Unreadable(Exception):
    """A text is not of its form: the line, and why."""


def _toml(text: str) -> Any:
    import tomllib  # noqa: PLC0415 - loaded by those who need it

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = where[1] if where else text.count("\n") + 1
        raise _Unreadable(line, re.sub(r" \(at .*\)", "", str(error))) from error


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _Unreadable(error.lineno, error.msg) from error


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 - an extra, and slow to load

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _Unreadable(line, error.problem or str(error)) from error


def _hocon(text: str) -> Any:
    import pyhocon  # noqa: PLC0415 - an extra, and slow to load
    import pyparsing  # noqa: PLC0415

    try:
        own = _INCLUDED_DEFAULTS.sub("", text)
        parsed: Any = pyhocon.ConfigFactory.parse_string(own).as_plain_ordered_dict()
    except pyparsing.ParseBaseException as error:
        raise _Unreadable(error.lineno, error.msg) from error
    except pyhocon.ConfigException as error:
        raise _Unreadable(1, str(error)) from error
    return parsed


_Format = tuple[Callable[[str], Any], Callable[[str, Sequence[str | int]], int | None]]
_FORMATS: Mapping[str, _Format] = {
    ".toml": (_toml, line_in_toml),
    ".json": (_json, line_in_json),
    ".yaml": (_yaml, line_in_yaml),
    ".yml": (_yaml, line_in_yaml),
    ".conf": (_hocon, line_of_name),
}
