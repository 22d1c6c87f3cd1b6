"""The command `pocketbus`: finds the one that is asked for."""

import sys
from collections.abc import Sequence

from pocketbus.command.command import PROGRAM, USAGE
from pocketbus.command.commands import COMMANDS, overview
from pocketbus.command.streams import flush_output, leave_output, settle_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; what begins with an option serves."""
    settle_streams()
    try:
        return _carried_out(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:
        leave_output()  # whoever read our lines has had enough of them
        return 0
    finally:
        flush_output()


def _carried_out(arguments: Sequence[str]) -> int:
    first, rest = (arguments[0], arguments[1:]) if arguments else ("serve", [])
    if first in {"-h", "--help"}:
        print(overview())
        return 0
    if first in COMMANDS:
        return COMMANDS[first].run(rest)
    if first.startswith("-"):
        return COMMANDS["serve"].run(arguments)
    return _unknown(first)


def _unknown(name: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 - loaded by those who need it

    near = "".join(f"; did you mean {one}?" for one in get_close_matches(name, COMMANDS, n=1))
    print(f"{PROGRAM}: there is no command {name}{near or f'; {PROGRAM} --help lists them'}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
