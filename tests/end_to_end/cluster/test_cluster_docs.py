"""What docs/CLUSTER.md and docs/SCALING.md show is what there is."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from scripts.cluster import nats_server
from tests.end_to_end.cluster.machines import needs_nats

PROJECT = Path(__file__).parents[3]


def page(name: str) -> str:
    return (PROJECT / "docs" / name).read_text(encoding="utf-8")


@needs_nats
def test_the_configuration_of_nats_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", page("CLUSTER.md"), re.DOTALL)
    compose = yaml.safe_load(text)
    path = tmp_path / "nats.conf"
    path.write_text(compose["configs"]["nats"]["content"].replace("$$", "$"), encoding="utf-8")
    program = nats_server()
    assert program is not None

    done = subprocess.run(
        (program, "-t", "-c", str(path)),
        env={"HOSTNAME": "nats-1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [name for name in compose["services"] if name.startswith("bus")] == ["bus-1", "bus-2", "bus-3"]


def test_the_tables_of_scaling_are_what_is_counted() -> None:
    command = (sys.executable, str(PROJECT / "scripts" / "scaling.py"))
    counted = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT).stdout

    assert all(table in page("SCALING.md") for table in counted.split("\n\n"))
