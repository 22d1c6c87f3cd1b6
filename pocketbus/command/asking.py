"""Commands that ask a running server: finds it, carries the command out, prints what it has to say."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence

from pocketbus.command.command import PROGRAM, USAGE, Command
from pocketbus.command.commands import WHERE
from pocketbus.command.outcome import Outcome, Stream
from pocketbus.command.remote import Remote, RemoteError, url_of
from pocketbus.command.streams import leave_output

_LISTS = {"queue": "queues", "topic": "topics"}
"""The commands that list what somebody may have meant."""
Ask = Callable[[Remote, Namespace], Outcome | Stream]


class UsageError(Exception):
    """The arguments do not go together; the text says what does."""


def ask(command: Command, function: Ask, arguments: Sequence[str]) -> int:
    """Return 0 when it is done, 1 where something is not found or not met, 2 where the arguments are wrong."""
    options = command.parser(WHERE).parse_args(arguments)
    try:
        remote = Remote(url_of(options.url, os.environ), options.account, options.region)
        outcome = function(remote, options)
        if isinstance(outcome, Stream):
            _print(json.dumps(item) if options.json else line for item, line in outcome.items)
            return 0
        _print([json.dumps(outcome.data, indent=2)] if options.json else outcome.lines)
    except UsageError as error:
        return _complain(command, error, USAGE)
    except RemoteError as error:
        return _complain(command, f"{error}{_hint(str(error))}", 1)
    except KeyboardInterrupt:
        return 0 if command.name == "tail" else 130
    except OSError as error:
        leave_output()
        # A broken pipe: whoever read our lines has had enough of them.
        enough = isinstance(error, BrokenPipeError)
        return 0 if enough else _complain(command, f"the output cannot be written: {error.strerror}", 1)
    return outcome.status


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _hint(refusal: str) -> str:
    """Say what to do about a queue or topic that is nowhere, or a cluster that asks for an account."""
    if refusal.startswith("The accounts are spread over "):
        return " Of a command that is --account."
    for noun, command in _LISTS.items():
        if refusal.startswith(f"There is no {noun} ") and "Elsewhere" not in refusal:
            lists, makes = f"{PROGRAM} {command}", f"{PROGRAM} import SEED"
            return f" `{lists}` lists those there are; any client makes one, and so does `{makes}`."
    return ""


def _complain(command: Command, error: Exception | str, status: int) -> int:
    print(f"{PROGRAM} {command.name}: {error}", file=sys.stderr)
    return status
