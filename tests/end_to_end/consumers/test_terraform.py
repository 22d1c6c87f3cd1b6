"""Terraform or OpenTofu with its AWS provider, on the configuration of their how-to."""

import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.end_to_end.conftest import Server

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "terraform.md").read_text(encoding="utf-8")
REGISTRIES = {"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}
SECONDS = 300
# Where they look for providers by themselves, and where whoever installs some puts them.
FOLDERS = (
    *(Path.home() / ".terraform.d" / "plugins", Path.home() / ".local" / "share" / "terraform" / "plugins"),
    *(Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins")),
    *sorted(Path("/opt").glob("*")),
)

Terraform = Callable[[str], str]


def example(language: str) -> str:
    (text, *_) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture
def program() -> str:
    found = next((name for name in REGISTRIES if shutil.which(name)), None)
    if found is None:
        pytest.skip("neither Terraform nor OpenTofu is installed")
    return found


EVENTS = Path(__file__).with_name("terraform") / "events.tf"
"""A schedule and its group, a function with an event source mapping, a pipe."""


@pytest.fixture
def terraform(program: str, server: Server, account: str, tmp_path: Path) -> Terraform:
    """Run shell lines beside the configuration, initialized with a provider that lies on this machine."""
    plugins = next(
        (one for one in FOLDERS if (one / REGISTRIES[program] / "hashicorp" / "aws").is_dir()), None
    )
    if plugins is None:
        pytest.skip(f"the AWS provider is not installed for {program}, and no test fetches it")
    (tmp_path / "main.tf").write_text(example("hcl"), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_INPUT": "0",
    }

    def terraform(lines: str) -> str:
        here = lines.replace("http://localhost:4566", server.url).replace("=test ", f"={account} ")
        done = subprocess.run(
            ["/bin/sh", "-ec", here.replace("terraform ", f"{program} ")],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    terraform(f"terraform init -plugin-dir={plugins}")
    return terraform


def test_the_configurations_are_formatted_as_theirs_are(program: str) -> None:
    texts = re.findall(r"^( *)```hcl\n(.*?)^\1```$", PAGE, re.MULTILINE | re.DOTALL)

    assert len(texts) == 2
    for _, text in texts:
        subprocess.run([program, "fmt", "-check", "-"], input=textwrap.dedent(text), text=True, check=True)


def test_what_is_applied_reads_back_as_it_was_asked_for_and_can_be_destroyed(
    terraform: Terraform, connect: Callable[..., Any]
) -> None:
    """The provider waits 25 seconds for a queue to settle: nothing here can make it shorter."""
    variables = "".join(line for line in example("sh").splitlines(keepends=True) if line.startswith("export"))

    said = terraform(example("sh"))

    assert "Apply complete! Resources: 9 added, 0 changed, 0 destroyed." in said
    assert "No changes. Your infrastructure matches the configuration." in said
    terraform(f"{variables}terraform destroy -auto-approve")
    assert "QueueUrls" not in connect("sqs").list_queues()


def test_schedules_mappings_and_pipes_read_back_as_they_were_asked_for(
    terraform: Terraform, connect: Callable[..., Any], account: str, tmp_path: Path
) -> None:
    for name in ("orders", "out"):
        connect("sqs").create_queue(QueueName=name)
    with ZipFile(tmp_path / "code.zip", "w") as code:
        code.writestr("app.py", "def handler(event, context): ...")
    (tmp_path / "main.tf").write_text(EVENTS.read_text(encoding="utf-8").replace("ACCOUNT", account))
    variables = "".join(line for line in example("sh").splitlines(keepends=True) if line.startswith("export"))

    said = terraform(f"{variables}terraform apply -auto-approve\nterraform plan -detailed-exitcode")

    assert "Apply complete! Resources: 5 added, 0 changed, 0 destroyed." in said
    assert "No changes. Your infrastructure matches the configuration." in said
    assert "5 destroyed" in terraform(f"{variables}terraform destroy -auto-approve")
    assert connect("pipes").list_pipes()["Pipes"] == []
