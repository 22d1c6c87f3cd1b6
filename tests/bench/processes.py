"""Servers to measure, each a process of its own."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.children import started

ROOT = Path(__file__).parents[2]


@contextmanager
def pocketbus(port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    with _running([sys.executable, "-m", "pocketbus", "--port", str(port), *options]) as process:
        yield process


@contextmanager
def floor(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the floor under uvicorn with uvloop and httptools, and nothing else switched on."""
    command = [sys.executable, "-m", "uvicorn", "tests.bench.floor:app", "--port", str(port)]
    quiet = ["--no-access-log", "--log-level", "warning", "--no-proxy-headers", "--no-server-header"]
    with _running([*command, *quiet, "--loop", "uvloop", "--http", "httptools"]) as process:
        yield process


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    with started(command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT) as process:
        yield process


def wait_until_answered(port: int, path: str = "/_pocketbus/health") -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.002)


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Read the processor time that Linux accounts to the process: unlike the clock on the wall, it is not shared."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Read the resident set size that Linux accounts to the process."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmRSS in /proc")
