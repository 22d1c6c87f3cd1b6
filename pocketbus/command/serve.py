"""`pocketbus`: settings from options and environment, then the server until a signal ends it."""

import argparse
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from pocketbus.command import COMMANDS
from pocketbus.command.options import OPTIONS, SettingError
from pocketbus.emulator.config import Config
from pocketbus.emulator.version import VERSION

PROGRAM = "pocketbus"
_CONFIGURED = {field.name for field in fields(Config)} & {option.name for option in OPTIONS}
_EXAMPLES = """examples, with a server running:
  curl -X POST "http://localhost:4566/_pocketbus/clock/freeze"
  curl -X POST "http://localhost:4566/_pocketbus/clock/advance?by=PT10M"
  curl "http://localhost:4566/_pocketbus/trace?limit=20"
  curl -X POST "http://localhost:4566/_pocketbus/faults?preset=at-least-once"
"""


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; return 1 where that cannot begin, 2 where a setting is wrong."""
    try:
        settings = _settings(arguments, os.environ)
    except SettingError as error:
        return _refuse(str(error), status=2)
    _on_stop(lambda: sys.exit(0))
    _set_up_logging(settings["log_level"], settings["log_format"])
    return _serve(settings)


def _parser() -> argparse.ArgumentParser:
    commands = "".join(
        f"  {name.ljust(20)}  {what} (pocketbus {name} --help)\n" for name, what in COMMANDS.items()
    )
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=" | ".join(["%(prog)s [options]", *(f"%(prog)s {name} [options]" for name in COMMANDS)]),
        description="Serve SQS, SNS and EventBridge at one address, in memory.",
        epilog=f"commands:\n{commands}\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        option.add_to(parser)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
    return parser


def _settings(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    given = vars(_parser().parse_args(arguments))
    return {option.name: option.value(given[option.name], environment) for option in OPTIONS}


def _set_up_logging(level: str, form: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if form == "json":
        from pocketbus.json_log import JsonLines  # noqa: PLC0415 - loaded by those who want it

        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())


def _serve(settings: Mapping[str, Any]) -> int:
    # Imported here: most of the start-up, which --help, --version and a mistake in the options need not pay.
    from pocketbus.emulator.engine import Engine  # noqa: PLC0415
    from pocketbus.json_log import log_request  # noqa: PLC0415
    from pocketbus.server import ListenError, Server, listen, url_of  # noqa: PLC0415

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
            ui=settings["ui"],
            access_log=settings["log_level"] == "debug" and settings["log_format"] == "text",
            on_request=log_request if settings["log_format"] == "json" else None,
            on_ready=lambda: print(address, "Ready.", sep="\n", flush=True),
        )
        _on_stop(server.end)
        _spare_the_collector()
        server.run(listener)
    return 0


def _spare_the_collector() -> None:
    """Look for cyclic garbage more rarely: waiting messages are many, live long and form no cycles.

    With Python's own thresholds a tenth of the time of a SendMessage goes into walking over them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def _on_stop(act: Callable[[], object]) -> None:
    """Do this on SIGTERM and SIGINT, which are the usual ends of a server and no failures."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _refuse(reason: str, status: int) -> int:
    print(f"{PROGRAM}: {reason}", file=sys.stderr)
    return status
