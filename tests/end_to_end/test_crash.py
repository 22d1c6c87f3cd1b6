"""A server that is killed at any moment has, started again, all that it said it had. `make crash` does it 200 times."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from time import sleep

from tests.children import started
from tests.end_to_end.crash import Client, Crowd

CRASHES = int(os.environ.get("CRASHES", "3"))


def test_whatever_was_acknowledged_is_there_after_a_crash(tmp_path: Path) -> None:
    random, crowd = Random(1), Crowd(1)
    command = [
        sys.executable,
        "-m",
        "tests.end_to_end.often",
        "--port",
        "0",
        "--data",
        str(tmp_path / "data"),
    ]
    for crash in range(CRASHES + 1):
        _forget_the_old(tmp_path / "data")
        with (
            (tmp_path / "said").open("a") as said,
            started(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
        ):
            assert process.stdout is not None
            port = int(process.stdout.readline().split()[2].rstrip(",").rpartition(":")[2])
            assert process.stdout.readline() == "Ready.\n"
            client = Client(port)
            if crash:
                crowd.hold(client)
            else:
                crowd.prepare(client)
            client.close()
            threads = crowd.work(port)
            sleep(random.uniform(0.05, 0.6))
            process.kill()
            for thread in threads:
                thread.join()
    assert "left out" not in (tmp_path / "said").read_text()


def _forget_the_old(folder: Path) -> None:
    """Delete what no start needs, as anybody may: all before the last but one of the snapshots."""
    for snapshot in sorted(folder.glob("*.snapshot"))[:-2]:
        snapshot.unlink()
    oldest = min((path.stem for path in folder.glob("*.snapshot")), default="")
    for segment in folder.glob("*.journal"):
        if segment.stem < oldest:
            segment.unlink()
