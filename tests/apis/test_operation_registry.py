"""Registering operations and binding them to the model."""

from typing import Any

import pytest
from botocore import xform_name

from pocketbus.apis.call import Call
from pocketbus.apis.service import Route, Service, code_of, snake_case
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.errors import EngineError, QueueDoesNotExist

EACH_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@EACH_SERVICE
def test_every_operation_fits_the_model(service: Service) -> None:
    service.check()


@EACH_SERVICE
def test_names_in_snake_case_are_those_of_boto3(service: Service) -> None:
    operations = service.model.operations
    names = {member.name for operation in operations.values() for member in operation.input.members}
    names |= operations.keys()

    assert {wire: snake_case(wire) for wire in names} == {wire: xform_name(wire) for wire in names}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("QueueOwnerAWSAccountId", "queue_owner_aws_account_id"),
        ("AWSAccountIds", "aws_account_ids"),
        ("KmsMasterKeyId", "kms_master_key_id"),
        ("MD5OfBody", "md5_of_body"),
        ("tags", "tags"),
    ],
)
def test_an_acronym_is_one_word(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_an_operation_that_the_model_lacks_is_refused() -> None:
    service = Service("sqs")

    @service.operation
    def send_pigeon(call: Call) -> None: ...

    with pytest.raises(ValueError, match="sqs has no operation send_pigeon"):
        service.check()


def test_a_parameter_that_the_model_lacks_is_refused() -> None:
    service = Service("sqs")

    @service.operation
    def delete_queue(call: Call, *, queue_url: str, force: bool = False) -> None: ...

    with pytest.raises(ValueError, match="DeleteQueue has no member for the parameter force"):
        service.check()


def test_an_optional_member_needs_a_default() -> None:
    service = Service("sqs")

    @service.operation
    def list_queues(call: Call, *, next_token: str) -> dict[str, Any]:
        return {"QueueUrls": [next_token]}

    with pytest.raises(ValueError, match="ListQueues: next_token is optional and lacks a default"):
        service.check()


def test_an_operation_may_take_what_it_does_not_name_by_the_names_of_the_model() -> None:
    service = Service("sts")

    @service.operation
    def get_session_token(call: Call, *, serial_number: str = "", **given: Any) -> dict[str, Any]:
        return {"number": serial_number, **given}

    codec = service.query
    assert codec is not None
    route = Route(service, service.model.operations["GetSessionToken"], codec)
    params = {"SerialNumber": "1", "DurationSeconds": 900}

    assert route.perform(None, params) == {"number": "1", "DurationSeconds": 900}  # type: ignore[arg-type]


def test_an_operation_cannot_be_defined_twice() -> None:
    service = Service("sqs")

    def purge_queue(call: Call, *, queue_url: str) -> None: ...

    def again(call: Call, *, queue_url: str) -> None: ...

    again.__name__ = "purge_queue"
    service.operation(purge_queue)

    with pytest.raises(ValueError, match="sqs: purge_queue is defined twice"):
        service.operation(again)


def test_the_coverage_lists_what_is_implemented_and_what_is_not() -> None:
    service = Service("sts")

    @service.operation
    def get_session_token(call: Call) -> None: ...

    coverage = service.coverage()

    assert coverage.implemented == ("GetSessionToken",)
    assert coverage.unimplemented[:2] == ("AssumeRole", "AssumeRoleWithSAML")
    assert len(coverage.unimplemented) == 10


def test_a_batch_entry_names_an_error_by_its_query_code() -> None:
    assert code_of(Service("sqs"), QueueDoesNotExist()) == ("AWS.SimpleQueueService.NonExistentQueue", True)


def test_an_error_that_no_table_has_goes_by_its_class() -> None:
    class OutOfStamps(EngineError):
        """There are no stamps left."""

    assert code_of(Service("sns"), OutOfStamps()) == ("OutOfStamps", True)
