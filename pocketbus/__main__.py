"""The command `pocketbus`: finds the one that is asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module

from pocketbus.command import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in COMMANDS:
        name, rest = arguments[0], arguments[1:]
    else:
        name, rest = "serve", arguments
    status: int = import_module(f"pocketbus.command.{name}").main(rest)
    return status


if __name__ == "__main__":
    sys.exit(main())
