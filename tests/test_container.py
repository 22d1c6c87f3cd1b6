"""The container files, without a container engine: their shape, and their commands run in a folder."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from pocketbus.apis.control.startup import STAGES
from pocketbus.emulator.version import VERSION
from pocketbus.start.places import OWN, SCRIPTS
from tests.children import started

if TYPE_CHECKING:
    from tests.conftest import Image

PROJECT = Path(__file__).parents[1]
SECONDS = 10

DURATION = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(us|ms|s|m|h))+$"}
STRINGS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
PORT = {"type": "string", "pattern": r"^([0-9.]+:)?([0-9]+:)?[0-9]+(/(tcp|udp))?$"}
HEALTH_CHECK = {
    "type": "object",
    "properties": {
        "test": {"type": ["string", "array"], "items": {"type": "string"}},
        "interval": DURATION,
        "timeout": DURATION,
        "start_period": DURATION,
        "start_interval": DURATION,
        "retries": {"type": "integer", "minimum": 1},
        "disable": {"type": "boolean"},
    },
    "additionalProperties": False,
}
SERVICE = {
    "type": "object",
    "properties": {
        "build": {"type": ["string", "object"]},
        "image": {"type": "string"},
        "command": {"type": ["string", "array", "null"]},
        "environment": {"type": ["object", "array"]},
        "healthcheck": HEALTH_CHECK,
        "ports": {"type": "array", "items": PORT, "uniqueItems": True},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "volumes": STRINGS,
    },
    "additionalProperties": False,
    "anyOf": [{"required": ["build"]}, {"required": ["image"]}],
}
NAMED = r"^[a-zA-Z0-9._-]+$"
COMPOSE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "patternProperties": {NAMED: SERVICE}, "additionalProperties": False},
        "volumes": {
            "type": "object",
            "patternProperties": {NAMED: {"type": ["object", "null"]}},
            "additionalProperties": False,
        },
    },
    "required": ["services"],
    "additionalProperties": False,
}


def compose() -> Any:
    return yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))


def health_check(image: "Image") -> str:
    (name,) = json.loads(image.last("HEALTHCHECK").partition(" CMD ")[2])
    return str(programs(image) / name)


@pytest.fixture(scope="module")
def port(image: "Image", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the image's entry point with its CMD on a free port, on loopback only, its data in a folder of its own."""
    here = {"POCKETBUS_HOST": "127.0.0.1", "POCKETBUS_PORT": "0"}
    environment = image.environment | here | {"POCKETBUS_DATA": str(tmp_path_factory.mktemp("data"))}
    (image.root / "data").mkdir()
    before = files(image)
    with started(
        [str(programs(image) / json.loads(image.last("ENTRYPOINT"))[0]), *json.loads(image.last("CMD"))],
        cwd=image.root / "data",
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield where.split(",")[0].rpartition(":")[2]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SECONDS) == 0
    assert files(image) == before, "a read-only root would not do"


def files(image: "Image") -> set[Path]:
    return set(image.root.rglob("*"))


def programs(image: "Image") -> Path:
    (folder,) = image.root.glob("python/lib/*/site-packages/pocketbus/programs")
    return folder


def exit_status_of_health_check(image: "Image", **variables: str) -> int:
    return subprocess.run(
        [health_check(image)],
        env=image.environment | variables,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    ).returncode


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    "variables",
    [
        {"POCKETBUS_PORT": "PORT"},
        {"EDGE_PORT": "PORT"},
        {"GATEWAY_LISTEN": "0.0.0.0:PORT"},
        {"GATEWAY_LISTEN": "0.0.0.0:PORT,0.0.0.0:443"},
        {"GATEWAY_LISTEN": "localhost", "EDGE_PORT": "PORT"},
        {"GATEWAY_LISTEN": "PORT"},
        {"POCKETBUS_PORT": "PORT", "http_proxy": "http://127.0.0.1:1"},
    ],
)
def test_the_image_starts_and_its_health_check_finds_it_healthy(
    image: "Image", port: str, variables: dict[str, str]
) -> None:
    here = {name: text.replace("PORT", port) for name, text in variables.items()}

    assert exit_status_of_health_check(image, **here) == 0


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_health_check_finds_a_port_without_a_server_unhealthy(image: "Image") -> None:
    assert exit_status_of_health_check(image, POCKETBUS_PORT="1") == 7


@pytest.mark.parametrize("arguments", [["--version"], ["pocketbus", "--version"]])
def test_the_entry_point_takes_options_and_commands(image: "Image", arguments: list[str]) -> None:
    command = [str(programs(image) / "docker-entrypoint.sh"), *arguments]
    done = subprocess.run(command, env=image.environment, capture_output=True, text=True, check=True)

    assert done.stdout == f"pocketbus {VERSION}\n"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "/data"),
        ({"POCKETBUS_DATA": "/mine"}, "/mine"),
        ({"POCKETBUS_DATA": ""}, ""),
        ({"PERSISTENCE": "1"}, None),
    ],
)
def test_the_entry_point_keeps_data_in_the_volume_unless_it_is_said_otherwise(
    image: "Image", variables: dict[str, str], told: str | None
) -> None:
    command = [str(programs(image) / "docker-entrypoint.sh"), "env"]
    given = image.environment | variables
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)

    assert dict(line.partition("=")[::2] for line in done.stdout.splitlines()).get("POCKETBUS_DATA") == told


def test_the_image_listens_on_every_address_and_leaves_the_port_to_variables(image: "Image") -> None:
    declared = image.last("ENV")

    assert "POCKETBUS_HOST=0.0.0.0" in declared
    assert "PORT=" not in declared
    assert image.last("EXPOSE") == "4566"


def test_the_image_has_the_folders_that_scripts_are_put_into(image: "Image") -> None:
    folders = " ".join(argument for name, argument in image.instructions if name == "RUN")

    for folder in (OWN, *(f"{SCRIPTS}/{stage.lower()}.d" for stage in STAGES)):
        assert f" /{folder}" in folders


def test_both_images_run_as_the_user_of_the_project(image: "Image") -> None:
    stages = [argument.rpartition(" ")[2] for name, argument in image.instructions if name == "FROM"]

    assert stages == ["build", "base", "cli", "slim"]
    assert [argument for name, argument in image.instructions if name == "USER"] == ["pocketbus", "pocketbus"]


def test_the_image_runs_as_a_user_who_owns_the_data_folder(image: "Image") -> None:
    user = image.last("USER")
    commands = [argument for name, argument in image.instructions if name == "RUN"]

    assert user == "pocketbus"
    assert image.last("VOLUME") == "/data"
    assert any(f"--owner {user}" in command and " /data " in command for command in commands)


def test_the_compose_file_has_the_shape_of_the_compose_specification() -> None:
    jsonschema.validate(compose(), COMPOSE)


def test_a_compose_file_with_a_misspelt_key_is_refused() -> None:
    misspelt = compose()
    misspelt["services"]["pocketbus"]["port"] = ["4566:4566"]

    with pytest.raises(jsonschema.ValidationError, match="'port' was unexpected"):
        jsonschema.validate(misspelt, COMPOSE)


def test_the_compose_file_opens_the_port_to_this_machine_only() -> None:
    assert compose()["services"]["pocketbus"]["ports"] == ["127.0.0.1:4566:4566"]


def test_the_compose_file_checks_health_as_the_image_does(image: "Image") -> None:
    command = json.loads(image.last("HEALTHCHECK").partition(" CMD ")[2])

    assert compose()["services"]["pocketbus"]["healthcheck"]["test"] == ["CMD", *command]


def test_the_image_has_its_programs_in_the_path(image: "Image") -> None:
    (linked,) = [argument for name, argument in image.instructions if name == "RUN" and "ln -s" in argument]

    named = {*json.loads(image.last("ENTRYPOINT")), Path(health_check(image)).name, "awslocal"}
    assert set(re.findall(r"\$programs/([\w.-]+)", linked)) == named
    assert {path.name for path in programs(image).iterdir()} >= named


def test_the_compose_file_declares_the_volumes_it_mounts() -> None:
    mounted = [volume.partition(":")[0] for volume in compose()["services"]["pocketbus"]["volumes"]]

    assert mounted == list(compose()["volumes"])
