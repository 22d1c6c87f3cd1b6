"""`pocketbus replay`: what a journal has kept, step by step; what was there; and on from there."""

import asyncio
import json
import os
import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path

from pocketbus.command import values
from pocketbus.command.command import PROGRAM, USAGE
from pocketbus.command.commands import COMMANDS, WHERE
from pocketbus.emulator.time.duration import instant_of, iso
from pocketbus.journal.past import WHOLE, End, Past, reading
from pocketbus.journal.segment import JournalError
from pocketbus.journal.step import Selection, Step, readable
from pocketbus.journal.tier import tier_of
from pocketbus.lines import line_of
from pocketbus.server import ListenError, Server, listen, url_of

_SHOWN = 160
_EXAMPLES = f"""examples:
  {PROGRAM} replay pocketbus-journals/test_orders.journal
  {PROGRAM} replay pocketbus-data --message 0b5aaf3e-5a1c-4f0b-a9c5-6e8f3f6a4b1c
  {PROGRAM} replay pocketbus-data --to 2026-01-01T12:00:00Z --show "peek orders"
  {PROGRAM} replay pocketbus-data --to 41 --serve 4566
"""


def main(arguments: Sequence[str], name: str = "replay") -> int:
    """Replay a journal; return 1 where it cannot be, 2 where the arguments are wrong. `name` is who complains."""
    given = _parser().parse_args(arguments)
    try:
        end = WHOLE if given.to is None else End.of(given.to)
        look = None if given.show is None else _look(given.show, given.account)
    except ValueError as error:
        return _complain(name, error, USAGE)
    try:
        return _replay(given, end, look)
    except (ArgumentTypeError, JournalError, ListenError) as error:
        return _complain(name, error, 1)
    except KeyboardInterrupt:
        return 0


def at(arguments: Sequence[str]) -> int:
    """`pocketbus at INSTANT COMMAND`: what a command would have shown then."""
    parser = ArgumentParser(
        prog=f"{PROGRAM} at",
        description="Run a command that shows something on what was there at an instant.",
        epilog=f"example:\n  {PROGRAM} at 2026-01-01T12:00:00Z --data pocketbus-data peek orders",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("instant", help="epoch seconds, ISO 8601, or the number of an input")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="such as: queues, or: peek jobs")
    parser.add_argument("--data", required=True, help="the folder of the journal")
    _add_tier(parser)
    given, rest = parser.parse_known_args(arguments)
    command = shlex.join([*given.command, *rest])
    tier = [] if given.tier is None else ["--tier", given.tier]
    return main([given.data, "--to", given.instant, "--show", command, *tier], "at")


def _look(line: str, account: str | None) -> list[str]:
    """Return a command that shows something, with its arguments. Raise ValueError."""
    name, *rest = shlex.split(line) or [""]
    command = COMMANDS.get(name)
    if command is None or not command.asks:
        raise ValueError(f"{name} is no command that asks a server; {PROGRAM} --help lists them.")
    arguments = [*(() if account is None else ("--account", account)), *rest]
    if command.is_change(command.parser(WHERE).parse_args(arguments)):
        raise ValueError(
            f"{shlex.join([name, *rest])} would change something, and the past is only looked at: "
            f"go on from there with {PROGRAM} replay JOURNAL --to INSTANT --serve PORT."
        )
    return [name, *arguments]


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"{PROGRAM} replay",
        description="Repeat what a journal has kept, without any attempt over a network, and show each step.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("journal", type=Path, help="a folder of --data, or a file of the pytest plugin")
    parser.add_argument("--to", help="stop behind the input of this number, or at this instant")
    parser.add_argument(
        "--message", help="show only the steps that a message or event had a part in, by its id"
    )
    parser.add_argument("--account", help="show only the steps of this account")
    parser.add_argument(
        "--resource", help="show only the steps of this queue, topic, bus or rule, by name or ARN"
    )
    parser.add_argument("--since", type=instant_of, help="show only the steps from this instant on")
    parser.add_argument("--after", type=int, help="show only the steps behind the input of this number")
    parser.add_argument(
        "--show", metavar="COMMAND", help="run a command on what is there then, such as: peek jobs"
    )
    parser.add_argument(
        "--serve", type=int, metavar="PORT", help="go on live from there, with the clock frozen"
    )
    parser.add_argument("--export", action="store_true", help="print the state that was there then")
    parser.add_argument("--json", action="store_true", help="print JSON, a step a line")
    _add_tier(parser)
    return parser


def _add_tier(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--tier",
        type=values.tier,
        help="where old files of the folder are, if it does not remember: a folder, or s3://bucket/prefix "
        "(environment: POCKETBUS_TIER)",
    )


def _replay(given: Namespace, end: End, look: list[str] | None) -> int:
    place = given.tier or values.tier(os.environ.get("POCKETBUS_TIER") or values.NONE)
    tier = None if place is None else tier_of(place)
    with reading(given.journal, tier) as directory, asyncio.Runner() as runner:
        return runner.run(_replayed(given, look, lambda whole: Past(directory, end, whole=whole)))


async def _replayed(given: Namespace, look: list[str] | None, begin: Callable[[bool], Past]) -> int:
    past = begin(not (given.export or look is not None or given.serve is not None))
    try:
        return await _told(given, look, past)
    except JournalError:
        past.engine.door.abandon()
        raise


async def _told(given: Namespace, look: list[str] | None, past: Past) -> int:
    looks = given.export or look is not None or given.serve is not None
    wanted = Selection(given.account, given.resource, given.message, given.since, given.after)
    for step in past.steps():
        if not looks and wanted.wants(step):
            print(json.dumps(step.as_data()) if given.json else "\n".join(_lines(step)))
    if not looks:
        past.engine.door.abandon()
        return 0
    if given.export:
        sys.stdout.buffer.writelines(past.state())
        past.engine.door.abandon()
        return 0
    engine = past.stand_still(live=look is None)
    listener = listen("127.0.0.1", given.serve or 0)
    server = Server(engine, base_url=url_of(listener))
    if given.serve is not None:
        print(f"Listening on {url_of(listener)}, behind input {past.position}, the clock frozen.", flush=True)
    serving = asyncio.create_task(server.serve(listener))
    if look is None:
        await serving
        return 0
    name, *rest = look
    try:
        return await asyncio.to_thread(COMMANDS[name].run, [*rest, "--url", url_of(listener)])
    finally:
        server.end()
        await serving


def _lines(step: Step) -> list[str]:
    record = step.record
    whose = "" if record.place is None else f" {record.place.account}"
    arguments = " ".join(json.dumps(readable(one), ensure_ascii=False) for one in record.arguments)
    if len(arguments) > _SHOWN:
        arguments = f"{arguments[:_SHOWN]}..."
    head = f"{step.position:>6} {iso(record.at)}{whose} {record.name} {arguments}".rstrip()
    return [head, *(f"       {line_of(one._asdict())}" for one in step.happened)]


def _complain(name: str, error: Exception, status: int) -> int:
    print(f"{PROGRAM} {name}: {error}", file=sys.stderr)
    return status
