"""The command `pocketbus`: options and environment, then the server until a signal ends it."""

import argparse
import gc
import importlib
import importlib.metadata
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pocketbus.emulator.config import Config

PROGRAM = "pocketbus"
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
COMMANDS = {"demo": "pocketbus.emulator.demo"}

_EPILOG = "command:\n  demo                  show the three services at work (pocketbus demo --help)"


class SettingError(Exception):
    """An environment variable has a value that its option would refuse; the text names it."""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _account(text: str) -> str:
    if not re.fullmatch("[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no account; give 12 digits")
    return text


def _region(text: str) -> str:
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no region; give a name such as us-east-1")
    return text


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise argparse.ArgumentTypeError(f"{text!r} is no log level; give one of {', '.join(LOG_LEVELS)}")
    return text.lower()


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: an option of the command, else a variable of the environment, else the default."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], Any] = str

    @property
    def variable(self) -> str:
        return f"POCKETBUS_{self.name.upper()}"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            f"--{self.name.replace('_', '-')}",
            type=self.parse,
            metavar=self.name.upper(),
            help=f"{self.meaning} (default: {self.default}; environment: {self.variable})",
        )

    def value(self, given: Any, environment: Mapping[str, str]) -> Any:
        """Choose the value; an empty variable counts as unset. Raise SettingError."""
        if given is not None:
            return given
        try:
            return self.parse(environment.get(self.variable) or self.default)
        except argparse.ArgumentTypeError as error:
            raise SettingError(f"{self.variable}: {error}") from error


OPTIONS = (
    Option("host", "127.0.0.1", "address to listen on"),
    Option("port", "4566", "port to listen on; 0 takes a free one", _port),
    Option("account", "000000000000", "account of clients whose access key is not 12 digits", _account),
    Option("region", "us-east-1", "region of requests that name none", _region),
    Option("log_level", "info", f"one of {', '.join(LOG_LEVELS)}; debug shows each request", _log_level),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [options] | %(prog)s demo [options]",
        description="Serve SQS, SNS and EventBridge at one address, in memory.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        option.add_to(parser)
    version = importlib.metadata.version(PROGRAM)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {version}")
    return parser


def _settings(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    given = vars(_parser().parse_args(arguments))
    return {option.name: option.value(given[option.name], environment) for option in OPTIONS}


def _set_up_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if level == "info":
        # uvicorn tells its start and stop at this level; the command says it in its own words.
        logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _serve(settings: Mapping[str, Any]) -> int:
    """Serve until told to stop and return the exit status."""
    # Imported here: most of the start-up, which --help, --version and a mistake in the options need not pay.
    from pocketbus.emulator.engine import Engine  # noqa: PLC0415
    from pocketbus.emulator.server import ListenError, Server, listen, url_of  # noqa: PLC0415

    try:
        listener = listen(settings["host"], settings["port"])
    except ListenError as error:
        return _refuse(str(error), status=1)
    with listener:
        account, region = settings["account"], settings["region"]
        address = f"Listening on {url_of(listener)}, account {account}, region {region}."
        server = Server(
            Engine(Config(account=account, region=region)),
            base_url=f"http://localhost:{listener.getsockname()[1]}",
            access_log=settings["log_level"] == "debug",
            on_ready=lambda: print(address, "Ready.", sep="\n", flush=True),
        )
        _on_stop(server.end)
        _spare_the_collector()
        server.run([listener])
    return 0


def _spare_the_collector() -> None:
    """Look for cyclic garbage more rarely: waiting messages are many, live long and form no cycles.

    With Python's own thresholds a tenth of the time of a SendMessage goes into walking over them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _on_stop(act: Callable[[], object]) -> None:
    """Do this on SIGTERM and SIGINT, which are the usual ends of a server and no failures."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _refuse(reason: str, status: int) -> int:
    print(f"{PROGRAM}: {reason}", file=sys.stderr)
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in COMMANDS:
        status: int = importlib.import_module(COMMANDS[arguments[0]]).main(arguments[1:])
        return status
    try:
        settings = _settings(arguments, os.environ)
    except SettingError as error:
        return _refuse(str(error), status=2)
    _on_stop(lambda: sys.exit(0))
    _set_up_logging(settings["log_level"])
    return _serve(settings)


if __name__ == "__main__":
    sys.exit(main())
