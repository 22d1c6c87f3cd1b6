"""The README's examples, run from its text, and its generated table."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import Server

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def example(heading: str, language: str) -> str:
    """Return the first block in a language below a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return next(match[2] for match in _FENCE.finditer(section) if match[1] == language)


def run(command: list[str], text: str, url: str) -> str:
    """Run an example, as pasted but for the port, with the environment's programs first in the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*command, text.replace("http://localhost:4566", url)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": programs, "HOME": os.environ.get("HOME", "/"), "AWS_PAGER": ""},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_boto3_example_prints_what_it_says(server: Server) -> None:
    output = run([sys.executable, "-c"], example("Use it from boto3", "python"), server.url)

    assert output == example("Use it from boto3", "text")


def test_the_aws_cli_example_ends_with_the_one_order_above_the_limit(server: Server) -> None:
    output = run(["bash", "-ec"], example("Use it from the AWS CLI", "sh"), server.url)

    assert output.splitlines()[-1] == "2400"


def test_the_example_inside_a_python_test_holds(server: Server) -> None:
    run([sys.executable, "-c"], example("Use it inside a Python test", "python"), server.url)


def test_the_coverage_table_and_the_schema_of_seeds_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"], cwd=PROJECT, check=False, timeout=60
    )

    assert done.returncode == 0, "run `make docs`"


def test_every_local_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", README)

    assert [link for link in links if not (PROJECT / link).exists()] == []


@pytest.mark.parametrize(("method", "path"), re.findall(r"(GET|POST) `(/_pocketbus/\S+)`", README))
def test_every_path_it_names_is_served(server: Server, method: str, path: str) -> None:
    assert httpx.request(method, server.url + path).status_code == 200
