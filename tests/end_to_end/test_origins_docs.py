"""The page on origins: its example, run from its text, its names, and the tests that it names."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pocketbus.apis import hosts
from tests.end_to_end.conftest import Server

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "ORIGINS.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_prints_what_it_says(server: Server) -> None:
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    command = ["/usr/bin/env", "bash", "-ec", blocks["sh"].replace("http://localhost:4566", server.url)]

    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60, env={"PATH": os.environ["PATH"]}
    )

    assert done.stdout.splitlines() == blocks["text"].splitlines()


def test_it_lists_every_name_that_is_known() -> None:
    section = PAGE.split("## Names\n", 1)[1].split("\n## ", 1)[0]

    assert [name for name in hosts.KNOWN if f"`{name}`" not in section] == []


@pytest.mark.parametrize(("name", "path"), re.findall(r"\[(test_\w+)\]\(\.\./(\S+?)\)", PAGE))
def test_the_tests_that_it_names_are_there(name: str, path: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (PROJECT / path).read_text(encoding="utf-8"), re.MULTILINE)
