"""What a command is: its name, its arguments, an example, and the function that carries it out."""

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from textwrap import fill
from typing import Any

from msgspec import Struct

PROGRAM = "pocketbus"
USAGE = 2
"""The exit status of a command that was not called as it can be; 1 is for what is not found or not met."""


_WIDTH = 79


class Argument(Struct, frozen=True):
    """A positional argument, or an option if its name begins with a dash."""

    name: str
    meaning: str
    parse: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    optional: bool = False
    flag: bool = False
    repeated: bool = False

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        if self.flag:
            parser.add_argument(self.name, action="store_true", help=self.meaning)
            return
        more: dict[str, Any] = {"choices": self.choices} if self.choices else {}
        if self.repeated:
            more |= {"action": "append", "default": []}
        if self.optional:
            more |= {"nargs": "?"}
        if not self.choices:
            more |= {"metavar": self.name.lstrip("-").replace("-", "_").upper()}
        parser.add_argument(self.name, type=self.parse, help=self.meaning, **more)


class Command(Struct, frozen=True):
    """`function` is `module:name` below this package: it takes the arguments and returns the exit status or, with
    `asks`, it takes the server to ask and the parsed arguments, and returns an Outcome.
    """

    name: str
    meaning: str
    """At most 26 characters, for the list of commands."""
    function: str
    description: str = ""
    arguments: tuple[Argument, ...] = ()
    example: str = ""
    asks: bool = True
    changes: bool = False
    """Whether it changes something in the server; one that has an `action` does where that is given."""

    def run(self, arguments: Sequence[str]) -> int:
        """Carry the command out and return its exit status."""
        module, _, name = self.function.partition(":")
        function = getattr(import_module(f"pocketbus.command.{module}"), name)
        if self.asks:
            ask = import_module("pocketbus.command.asking").ask
            status: int = ask(self, function, arguments)
            return status
        given: int = function(arguments)
        return given

    def is_change(self, options: argparse.Namespace) -> bool:
        """Tell whether it changes something, called like this."""
        return self.changes and getattr(options, "action", self.name) is not None

    def parser(self, more: Sequence[Argument] = ()) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=f"{PROGRAM} {self.name}",
            description=fill(self.description, _WIDTH),
            epilog=f"example:\n  {self.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for argument in (*self.arguments, *more):
            argument.add_to(parser)
        return parser
