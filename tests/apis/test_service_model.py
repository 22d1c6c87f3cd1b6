"""The stripped models: in step with botocore, and read into records."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pocketbus.apis.model import load

PROJECT = Path(__file__).parents[2]
SERVICES = ("sqs", "sns", "events", "sts", "scheduler", "eventbridgev2")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("strip_models", PROJECT / "scripts" / "strip_models.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("service", SERVICES)
def test_the_stripped_model_has_not_drifted_from_botocore(service: str, script: ModuleType) -> None:
    kept = (PROJECT / "apis" / "models" / f"{service}.json").read_text(encoding="utf-8")

    assert kept.splitlines() == script.rendered(service).splitlines()


@pytest.mark.parametrize(
    ("service", "operations"),
    [("sqs", 23), ("sns", 42), ("events", 57), ("sts", 12), ("scheduler", 12), ("eventbridgev2", 26)],
)
def test_a_model_has_every_operation_of_its_service(service: str, operations: int) -> None:
    assert len(load(service).operations) == operations


def test_an_operation_knows_its_input_and_output() -> None:
    operation = load("sqs").operations["SendMessage"]

    assert [member.name for member in operation.input.members if member.required] == [
        "QueueUrl",
        "MessageBody",
    ]
    assert operation.output is not None
    assert operation.output.name == "SendMessageResult"


def test_a_shape_knows_its_constraints() -> None:
    members = {member.name: member.shape for member in load("events").operations["PutRule"].input.members}

    assert (members["Name"].minimum, members["Name"].maximum, members["Name"].pattern) == (
        1,
        64,
        r"[\.\-_A-Za-z0-9]+",
    )
    assert members["State"].enum == (
        "ENABLED",
        "DISABLED",
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    )


def test_an_error_shape_knows_its_code_and_status() -> None:
    not_found = load("sns").errors["NotFoundException"]

    assert (not_found.code, not_found.status, not_found.sender) == ("NotFound", 404, True)


def test_a_fault_of_the_service_has_status_500() -> None:
    internal = load("events").errors["InternalException"]

    assert (internal.status, internal.sender) == (500, False)


def test_an_operation_of_a_rest_service_knows_its_path_and_where_its_members_are() -> None:
    operation = load("scheduler").operations["ListSchedules"]

    assert operation.http == ("GET", "/schedules", 200)
    assert [(member.name, member.location, member.wire_name) for member in operation.input.members][:2] == [
        ("GroupName", "querystring", "ScheduleGroup"),
        ("NamePrefix", "querystring", "NamePrefix"),
    ]


def test_a_service_is_known_by_the_name_that_universal_targets_use() -> None:
    assert [load(service).sdk_name for service in SERVICES] == [
        "sqs",
        "sns",
        "eventbridge",
        "sts",
        "scheduler",
        "eventbridgev2",
    ]
