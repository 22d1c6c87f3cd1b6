"""`pocketbus lambda run`: attaches a program to a running server as a worker of a Lambda function."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Event

from pocketbus.command import values
from pocketbus.command.remote import DEFAULT_URL, url_of
from pocketbus.emulator.arn import Arn
from pocketbus.environment import variables_for
from pocketbus.runtime_relay import RelayError, RuntimeRelay

_EXAMPLES = """examples:
  pocketbus lambda run orders -- python -m awslambdaric app.handler
  pocketbus lambda run orders -- npx aws-lambda-ric app.handler
  pocketbus lambda run orders -- ./bootstrap
  pocketbus lambda run orders --no-timeout -- python -m debugpy --listen 5678 -m awslambdaric app.handler
  pocketbus lambda run orders --port 9001     (start the program yourself, with AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001)
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketbus lambda",
        usage="%(prog)s run NAME [options] [-- COMMAND ...]",
        description="Attach a program with a runtime interface client to a running server, as a worker of a Lambda "
        "function. Several workers handle several invocations at a time. Without a command, serve Lambda's Runtime "
        "API for one that is started elsewhere, until Ctrl-C. The exit status is the program's.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("verb", choices=["run"], help="what to do")
    parser.add_argument("name", help="the function's name")
    parser.add_argument(
        "--url",
        help=f"where the server is (default: POCKETBUS_URL, else AWS_ENDPOINT_URL, else {DEFAULT_URL})",
    )
    parser.add_argument(
        "--account", default="000000000000", type=values.account, help="the function's account"
    )
    parser.add_argument("--region", default="us-east-1", type=values.region, help="the function's region")
    parser.add_argument(
        "--port",
        default=0,
        type=values.port,
        help="port of the Runtime API for the program; 0 takes a free one",
    )
    parser.add_argument(
        "--no-timeout",
        action="store_true",
        help="let an invocation take as long as it likes, as in a debugger",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the program and return its exit status; 1 where no server answers."""
    own, command = _split(arguments)
    options = _parser().parse_args(own)
    options.url = url_of(options.url, os.environ)
    arn = str(Arn.of("lambda", options.region, options.account, f"function:{options.name}"))
    try:
        with RuntimeRelay(options.url, arn, port=options.port, timed=not options.no_timeout) as relay:
            relay.leave("Runtime restarted")
            print(f"pocketbus: AWS_LAMBDA_RUNTIME_API={relay.address} is for workers of {arn}.", flush=True)
            environment = {
                "_HANDLER": "".join(
                    command[-1:]
                ),  # where Node's client looks for its argument since version 4
                **os.environ,
                **_variables(options),
                "AWS_LAMBDA_RUNTIME_API": relay.address,
            }
            status = _run(command, environment) if command else _wait()
            relay.leave(
                "Runtime exited" if status == 0 else f"Runtime exited with error: exit status {status}"
            )
    except (RelayError, OSError) as error:
        sys.stderr.write(f"pocketbus lambda: {error}\n")
        return 1
    return status


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the options of the command itself from the program's."""
    given = list(arguments)
    at = given.index("--") if "--" in given else len(given)
    return given[:at], given[at + 1 :]


def _variables(options: argparse.Namespace) -> dict[str, str]:
    """Return what Lambda sets for a function, as far as it means something here."""
    return variables_for(options.url, options.account, options.region) | {
        "AWS_LAMBDA_FUNCTION_NAME": options.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{options.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LAMBDA_TASK_ROOT": os.environ.get("LAMBDA_TASK_ROOT", os.getcwd()),  # noqa: PTH109 - as AWS has it
    }


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run the program to its end, which a signal to this command brings about too."""
    with subprocess.Popen(command, env=environment) as program:  # noqa: S603 - the user's own
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _frame: _pass_on(program, number))
        status = program.wait()
    return 128 - status if status < 0 else status


def _pass_on(program: "subprocess.Popen[bytes]", number: int) -> None:
    with suppress(ProcessLookupError):
        program.send_signal(number)


def _wait() -> int:
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.2):
        pass
    return 0
