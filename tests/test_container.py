"""The container files, without a container engine: their shape, and their commands run in a folder."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

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


def health_check(image: "Image") -> list[str]:
    command: list[str] = json.loads(image.last("HEALTHCHECK").partition(" CMD ")[2])
    return command


@pytest.fixture(scope="module")
def port(image: "Image") -> Iterator[str]:
    """Start the image's CMD on a free port, on loopback only."""
    environment = image.environment | {"POCKETBUS_HOST": "127.0.0.1", "POCKETBUS_PORT": "0"}
    (image.root / "data").mkdir()
    with started(
        json.loads(image.last("CMD")),
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


def exit_status_of_health_check(image: "Image", port: str) -> int:
    return subprocess.run(
        health_check(image),
        env=image.environment | {"POCKETBUS_PORT": port},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    ).returncode


def test_the_image_starts_and_its_health_check_finds_it_healthy(image: "Image", port: str) -> None:
    assert exit_status_of_health_check(image, port) == 0


def test_the_health_check_finds_a_port_without_a_server_unhealthy(image: "Image") -> None:
    assert exit_status_of_health_check(image, "1") == 1


def test_the_image_listens_on_every_address_at_port_4566(image: "Image") -> None:
    assert image.environment["POCKETBUS_HOST"] == "0.0.0.0"  # noqa: S104
    assert image.environment["POCKETBUS_PORT"] == "4566"
    assert image.last("EXPOSE") == "4566"


def test_the_image_runs_as_a_user_who_owns_the_data_folder(image: "Image") -> None:
    user = image.last("USER")
    commands = [argument for name, argument in image.instructions if name == "RUN"]

    assert user == "pocketbus"
    assert image.last("VOLUME") == "/data"
    assert any(f"--owner {user}" in command and command.endswith(" /data") for command in commands)


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
    assert compose()["services"]["pocketbus"]["healthcheck"]["test"] == ["CMD", *health_check(image)]


def test_the_compose_file_declares_the_volumes_it_mounts() -> None:
    mounted = [volume.partition(":")[0] for volume in compose()["services"]["pocketbus"]["volumes"]]

    assert mounted == list(compose()["volumes"])
