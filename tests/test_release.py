"""The workflow of a release: what it publishes has been built and tried before, on both architectures."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def jobs() -> Any:
    text = (PROJECT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    return workflow["jobs"]


def names(job: Any) -> list[str]:
    return [step.get("name") or step["uses"].partition("@")[0] for step in job["steps"]]


def test_the_wheel_is_tested_and_tried_before_anything_is_published(jobs: Any) -> None:
    assert names(jobs["wheel"])[-4:] == [
        "Test",
        "Build",
        "Try the wheel where nothing else of the project is",
        "actions/upload-artifact",
    ]
    assert jobs["image"]["needs"] == "wheel"
    assert jobs["publish"]["needs"] == ["wheel", "image"]


def test_each_image_is_tried_before_it_is_published_for_both_architectures(jobs: Any) -> None:
    steps = {step.get("name"): step for step in jobs["image"]["steps"]}
    order = names(jobs["image"])

    assert order.index("Try the image with a read-only root and a seed") < order.index(
        "Publish for both architectures"
    )
    assert steps["Build"]["with"].get("push") is None
    assert steps["Publish for both architectures"]["with"]["platforms"] == "linux/amd64,linux/arm64"


def test_the_images_are_those_of_the_dockerfile(jobs: Any) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")

    for one in jobs["image"]["strategy"]["matrix"]["include"]:
        assert f"FROM base AS {one['target']}\n" in dockerfile


def test_images_are_built_of_what_was_checked_out_under_a_name_in_lower_case(jobs: Any) -> None:
    builds = [step for step in jobs["image"]["steps"] if "build-push-action" in step.get("uses", "")]

    assert [step["with"]["context"] for step in builds] == [".", "."]
    (naming,) = [step["run"] for step in jobs["image"]["steps"] if "IMAGE=" in step.get("run", "")]
    command = ["bash", "-ec", naming.replace('"$GITHUB_ENV"', "/dev/stdout")]
    said = subprocess.run(
        command, env={"GITHUB_REPOSITORY": "Owner/Repo"}, capture_output=True, text=True, check=True
    )
    assert said.stdout == "IMAGE=ghcr.io/owner/repo\n"


def test_nothing_but_what_publishes_may_write(jobs: Any) -> None:
    assert "permissions" not in jobs["wheel"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
