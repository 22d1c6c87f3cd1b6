"""Scripts of a start and an end: found in folders, run with all that leads AWS's clients to this server."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pocketbus.apis.control.startup import ERROR, RUNNING, SUCCESSFUL, Script
from pocketbus.environment import HIDDEN, variables_for

PROGRAMS = Path(__file__).parents[1] / "programs"
"""What scripts find first in their path: awslocal."""

_KEPT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION")
_SUFFIXES = (".sh", ".py")
_LOOK_SECONDS = 0.1

_log = logging.getLogger("pocketbus")


def is_script(path: Path) -> bool:
    return path.suffix in _SUFFIXES


def script_environment(url: str, account: str, region: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of scripts; credentials and a region that the user has set stay."""
    own = {name: value for name, value in inherited.items() if name not in HIDDEN}
    variables = variables_for(url, account, region)
    kept = {name: own[name] for name in _KEPT if own.get(name)}
    path = {"PATH": f"{PROGRAMS}{os.pathsep}{own.get('PATH', os.defpath)}"}
    return own | variables | kept | path | {"POCKETBUS_URL": url}


def _command(path: Path) -> list[str]:
    if path.suffix == ".py":
        return [sys.executable, str(path)]
    return [str(path)] if os.access(path, os.X_OK) else ["/bin/sh", str(path)]


class Runner:
    """Runs scripts one after another; what they print goes to the log's stream, so that ours stays legible."""

    def __init__(self, environment: Mapping[str, str], ended: Callable[[], bool] = lambda: False) -> None:
        self._environment = environment
        self._ended = ended

    def run_at_once(self, path: Path, script: Script) -> bool:
        """Run a script while nothing else happens; tell whether it succeeded."""
        script.state = RUNNING
        try:
            status: int | str = subprocess.run(  # noqa: S603 - the user's own
                _command(path), env=self._environment, stdout=sys.stderr, check=False
            ).returncode
        except OSError as error:
            status = str(error)
        return _concluded(path, script, status)

    async def run(self, path: Path, script: Script) -> bool:
        """Run a script while the server serves; one that the server's end overtakes is ended with all it began."""
        script.state = RUNNING
        try:
            process = await asyncio.create_subprocess_exec(
                *_command(path), env=self._environment, stdout=sys.stderr, start_new_session=True
            )
        except OSError as error:
            return _concluded(path, script, str(error))
        waiting = asyncio.ensure_future(process.wait())
        while not waiting.done():
            await asyncio.wait((waiting,), timeout=_LOOK_SECONDS)
            if self._ended() and process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        return _concluded(path, script, waiting.result())


def _concluded(path: Path, script: Script, status: int | str) -> bool:
    script.state = SUCCESSFUL if status == 0 else ERROR
    if status != 0:
        how = f"ended with status {status}" if isinstance(status, int) else f"cannot be run: {status}"
        _log.error("%s %s", path, how)
    return status == 0
