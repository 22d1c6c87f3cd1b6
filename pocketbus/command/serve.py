"""`pocketbus`: settings from options and environment, then the server until a signal ends it."""

import argparse
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.command.command import PROGRAM
from pocketbus.command.options import OPTIONS, SettingError, Text
from pocketbus.emulator.config import Config
from pocketbus.emulator.version import VERSION
from pocketbus.start.variables import ROOT, notes_on, options_of

if TYPE_CHECKING:
    from ssl import SSLContext

    from pocketbus.cluster.serving import ClusterServing
    from pocketbus.start.places import Plan

_log = logging.getLogger(PROGRAM)
_CONFIGURED = set(Config.__struct_fields__) & {option.name for option in OPTIONS}
_PARTS = (
    ("tier", "data", "--tier is where old files of --data go: give a folder with --data, too"),
    ("sync", "data", "--sync disk is how the folder of --data is written: give one with --data, too"),
    ("node_url", "journal", "--node-url is of a node of a cluster: give its log with --journal, too"),
)
"""The settings that say nothing without another one, and what is said where that is missing."""
_EXAMPLES = """examples, with a server running:
  curl -X POST "http://localhost:4566/_pocketbus/clock/freeze"
  curl -X POST "http://localhost:4566/_pocketbus/clock/advance?by=PT10M"
  curl "http://localhost:4566/_pocketbus/trace?limit=20"
  curl -X POST "http://localhost:4566/_pocketbus/faults?preset=at-least-once"
"""


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; return 1 where that cannot begin, 2 where a setting is wrong."""
    parser = _parser()
    known, unknown = parser.parse_known_args(arguments)
    if unknown and not unknown[0].startswith("-"):
        return _refuse(
            f"{unknown[0]} stands behind options; a command comes first: {PROGRAM} COMMAND [OPTIONS]",
            status=2,
        )
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    given = vars(known)
    try:
        settings = _settings(given, os.environ, options_of(os.environ))
    except SettingError as error:
        return _refuse(str(error), status=2)
    _on_stop(lambda: sys.exit(0))
    _set_up_logging(settings["log_level"], settings["log_format"])
    # Nothing of what is loaded from here on is let go of, so there is nothing to collect until it serves.
    gc.disable()
    from pocketbus.start.places import plan_of  # noqa: PLC0415 - as below

    try:
        plan = plan_of(settings["init"], settings["root"])
        settings = _settings(given, os.environ, plan.settings | options_of(os.environ))
    except (SeedingError, SettingError) as error:
        return _refuse(str(error), status=2)
    for name, needed, reason in _PARTS:
        if settings[name] not in {None, "os"} and settings[needed] is None:
            return _refuse(reason, status=2)
    for note in (*notes_on(os.environ), *plan.notes):
        _log.warning("%s", note)
    return _serve(settings, plan)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} serve",
        description="Serve SQS, SNS and EventBridge at one address, in memory. The word serve may be left out.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        option.add_to(parser)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
    return parser


def _settings(
    given: Mapping[str, Any], environment: Mapping[str, str], others: Mapping[str, Text]
) -> dict[str, Any]:
    return {option.name: option.value(given[option.name], environment, others) for option in OPTIONS}


def _set_up_logging(level: str, form: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if form == "json":
        from pocketbus.json_log import JsonLines  # noqa: PLC0415 - loaded by those who want it

        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())


def _serve(settings: Mapping[str, Any], plan: "Plan") -> int:
    # Imported here: most of the start-up, which --help, --version and a mistake in the options need not pay.
    from pocketbus.certificate import CertificateError  # noqa: PLC0415
    from pocketbus.emulator.engine import Engine  # noqa: PLC0415
    from pocketbus.emulator.memory import spare_the_collector  # noqa: PLC0415
    from pocketbus.json_log import log_request  # noqa: PLC0415
    from pocketbus.server import ListenError, listen  # noqa: PLC0415
    from pocketbus.start.serving import Serving  # noqa: PLC0415

    try:
        tls, certificate = _tls(settings["tls"], settings["host"])
    except CertificateError as error:
        return _refuse(str(error), status=1)
    configured = {name: settings[name] for name in _CONFIGURED}
    config = Config(**configured, certificate=certificate)
    in_json = settings["log_format"] == "json"
    common: dict[str, Any] = {
        "ui": settings["ui"],
        "access_log": settings["log_level"] == "debug" and not in_json,
        "on_request": log_request if in_json else None,
        "tls": tls,
    }
    serving: Serving | ClusterServing
    if settings["journal"] is None:
        if settings["shards"] > 1:
            _log.warning("--shards is of a cluster: without --journal this is one server alone")
        disk = settings["sync"] == "disk"
        serving = Serving(
            plan, Engine(config), data=_data(settings), disk=disk, tier=settings["tier"], **common
        )
    else:
        try:
            serving = _in_cluster(plan, config, settings, common)
        except SettingError as error:
            return _refuse(str(error), status=2)
    serving.before_listening(settings["port"])
    with ExitStack() as listeners:
        try:
            listener = listeners.enter_context(listen(settings["host"], settings["port"]))
        except ListenError as error:
            return _refuse(str(error), status=1)
        others = []
        for port in set(plan.ports) - {settings["port"]}:
            try:
                others.append(listeners.enter_context(listen(settings["host"], port)))
            except ListenError as error:
                _log.warning("%s", error)
        _on_stop(serving.end)
        spare_the_collector()
        failure = serving.run([listener, *others])
    return 0 if failure is None else _refuse(failure, status=1)


def _in_cluster(
    plan: "Plan", config: "Config", settings: Mapping[str, Any], common: Mapping[str, Any]
) -> "ClusterServing":
    """Return what serves a node of a cluster. Raise SettingError."""
    if settings["shards"] > 1 and not plan.is_empty:
        raise SettingError("--init is for one log: with --shards, have each shard seeded by its clients")
    if settings["data"] is not None:
        _log.warning("all is kept in the log of the cluster, nothing in %s", settings["data"])
    try:
        from pocketbus.cluster.serving import ClusterServing  # noqa: PLC0415 - loaded by those who have the client
    except ImportError as error:
        raise SettingError(
            f"--journal needs NATS's client: pip install 'pocketbus[nats]' ({error})"
        ) from error
    return ClusterServing(
        plan, config, settings["journal"], shards=settings["shards"], node_url=settings["node_url"], **common
    )


def _data(settings: Mapping[str, Any]) -> Path | None:
    """Return the folder of the journal; a variable of another emulator names one below the root."""
    data = settings["data"]
    return None if data is None else Path(str(data).replace(ROOT, str(settings["root"]).rstrip("/"), 1))


def _tls(named: tuple[str, ...], host: str) -> tuple["SSLContext | None", bytes | None]:
    """Return what HTTPS is served with, and the certificate if it was made here. Raise CertificateError."""
    if not named:
        return None, None
    from pocketbus.certificate import context_of, self_signed_context  # noqa: PLC0415 - as below

    return self_signed_context(host) if len(named) == 1 else (context_of(*named), None)


def _on_stop(act: Callable[[], object]) -> None:
    """Do this on SIGTERM and SIGINT, which are the usual ends of a server and no failures."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _refuse(reason: str, status: int) -> int:
    gc.enable()
    print(f"{PROGRAM}: {reason}", file=sys.stderr)
    return status
