"""The command `pocketbus`: options and environment, then the server until a signal ends it."""

import argparse
import importlib
import importlib.metadata
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pocketbus.emulator.buses.event_quotas import EventQuotas
from pocketbus.emulator.config import Config

PROGRAM = "pocketbus"
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
OUTGOING = ("nearby", "anywhere")
URL_FORMS = ("dynamic", "standard", "domain", "path", "off")
SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
QUOTAS = tuple(field.name for field in fields(EventQuotas))
NONE = "none"
COMMANDS = {"demo": "pocketbus.emulator.demo", "tail": "pocketbus.emulator.tail"}

_EPILOG = """commands:
  demo                  show the three services at work (pocketbus demo --help)
  tail                  print what happens in a running server, as it happens (pocketbus tail --help)

examples, with a server running:
  curl -X POST "http://localhost:4566/_pocketbus/clock/freeze"
  curl -X POST "http://localhost:4566/_pocketbus/clock/advance?by=PT10M"
  curl "http://localhost:4566/_pocketbus/trace?limit=20"
  curl -X POST "http://localhost:4566/_pocketbus/faults?preset=at-least-once"
"""


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


def _hosts(text: str) -> frozenset[str]:
    return frozenset() if text == NONE else frozenset(text.lower().split(","))


def _outgoing(text: str) -> str:
    if text not in OUTGOING:
        raise argparse.ArgumentTypeError(f"{text!r} is no such place; give one of {', '.join(OUTGOING)}")
    return text


def _switch(text: str) -> bool:
    if text.lower() not in SWITCH:
        raise argparse.ArgumentTypeError(f"{text!r} is neither on nor off")
    return SWITCH[text.lower()]


def _url_form(text: str) -> str:
    if text not in URL_FORMS:
        raise argparse.ArgumentTypeError(f"{text!r} is no form of URLs; give one of {', '.join(URL_FORMS)}")
    return text


def _event_quotas(text: str) -> EventQuotas:
    """Read `NAME=NUMBER`, several separated by commas."""
    quotas = {}
    for part in text.split(",") if text != NONE else ():
        name, _, number = part.strip().partition("=")
        if name not in QUOTAS or not re.fullmatch("[0-9]{1,9}", number):
            raise argparse.ArgumentTypeError(f"{part!r} is no quota; give NAME=NUMBER of {', '.join(QUOTAS)}")
        quotas[name] = int(number)
    return EventQuotas(**quotas)


def _seed(text: str) -> int | None:
    if text != NONE and not re.fullmatch("[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; give a number of at most 18 digits")
    return None if text == NONE else int(text)


def _host_or_none(text: str) -> str | None:
    return None if text == NONE else text


def _server(text: str) -> str | None:
    if text != NONE and not re.fullmatch(r"[^\s:/]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no server; give a host and a port such as localhost:1025"
        )
    return _host_or_none(text)


def _function_urls(text: str) -> dict[str, str]:
    """Read `URL` for all functions and `NAME=URL` for one, separated by commas."""
    urls = {}
    for part in text.split(",") if text != NONE else ():
        name, _, url = (
            part.strip().rpartition("=") if "=" in part.partition("://")[0] else ("", "", part.strip())
        )
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
            raise argparse.ArgumentTypeError(f"{part!r} is neither a URL nor of the form NAME=URL")
        urls[name] = url
    return urls


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: an option of the command, else a variable of the environment, else the default."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], Any] = str
    also: str = ""
    """Another variable, that other emulators' users have in their environment."""

    @property
    def variable(self) -> str:
        return f"POCKETBUS_{self.name.upper()}"

    @property
    def variables(self) -> str:
        return f"{self.variable} or {self.also}" if self.also else self.variable

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            f"--{self.name.replace('_', '-')}",
            type=self.parse,
            metavar=self.name.upper(),
            help=f"{self.meaning} (default: {self.default}; environment: {self.variables})",
        )

    def value(self, given: Any, environment: Mapping[str, str]) -> Any:
        """Choose the value; an empty variable counts as unset. Raise SettingError."""
        if given is not None:
            return given
        try:
            return self.parse(environment.get(self.variable) or environment.get(self.also) or self.default)
        except argparse.ArgumentTypeError as error:
            raise SettingError(f"{self.variables}: {error}") from error


OPTIONS = (
    Option("host", "127.0.0.1", "address to listen on"),
    Option("port", "4566", "port to listen on; 0 takes a free one", _port),
    Option("account", "000000000000", "account of clients whose access key is not 12 digits", _account),
    Option("region", "us-east-1", "region of requests that name none", _region),
    Option("seed", NONE, "number that ids and choices come from: the same calls give the same ids", _seed),
    Option(
        "outgoing",
        "nearby",
        "where HTTP may go on its own: nearby (loopback, private) or anywhere",
        _outgoing,
    ),
    Option(
        "lambda_urls", NONE, "where Lambda functions run: URL, NAME=URL, or several by commas", _function_urls
    ),
    Option("smtp", NONE, "host:port of the SMTP server that mail goes to", _server),
    Option("email_sender", "no-reply@sns.amazonaws.com", "address that mail comes from"),
    Option("sns_cert_url_host", NONE, "host that SigningCertURL names instead of this server", _host_or_none),
    Option("sms_sandbox", "off", "on: texts go to phone numbers verified in SNS's sandbox only", _switch),
    Option("control_hosts", NONE, "public host names, by commas, whose control paths may be used", _hosts),
    Option(
        "event_quotas",
        NONE,
        "EventBridge's quotas as NAME=NUMBER, several by commas, such as buses=100,rules_per_bus=300",
        _event_quotas,
    ),
    Option(
        "strict", "off", "on: the 60 seconds that SQS makes one wait after PurgeQueue, DeleteQueue", _switch
    ),
    Option(
        "sqs_endpoint_strategy",
        "dynamic",
        f"form of queue URLs: {', '.join(URL_FORMS)}",
        _url_form,
        also="SQS_ENDPOINT_STRATEGY",
    ),
    Option("log_level", "info", f"one of {', '.join(LOG_LEVELS)}; debug shows each request", _log_level),
)
_CONFIGURED = {field.name for field in fields(Config)} & {option.name for option in OPTIONS}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [options] | %(prog)s demo [options] | %(prog)s tail [options]",
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
    from pocketbus.emulator.memory import spare_the_collector  # noqa: PLC0415
    from pocketbus.emulator.server import ListenError, Server, listen, url_of  # noqa: PLC0415

    try:
        listener = listen(settings["host"], settings["port"])
    except ListenError as error:
        return _refuse(str(error), status=1)
    with listener:
        account, region = settings["account"], settings["region"]
        address = f"Listening on {url_of(listener)}, account {account}, region {region}."
        server = Server(
            Engine(Config(**{name: settings[name] for name in _CONFIGURED})),
            base_url=f"http://localhost:{listener.getsockname()[1]}",
            access_log=settings["log_level"] == "debug",
            on_ready=lambda: print(address, "Ready.", sep="\n", flush=True),
        )
        _on_stop(server.end)
        spare_the_collector()
        server.run([listener])
    return 0


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
