"""Codes and statuses of errors, by the name of their class."""

import gzip
import json
from pathlib import Path

import moto.sqs
import pytest

from pocketbus.apis.service import Service
from pocketbus.emulator.errors import EngineError


def named(name: str) -> EngineError:
    """Return an error of a class of this name."""
    error: EngineError = type(name, (EngineError,), {"__doc__": "A text."})()
    return error


@pytest.mark.parametrize(
    ("service", "name", "code", "status"),
    [
        ("sqs", "BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400),
        ("sqs", "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", 400),
        ("sqs", "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", 400),
        ("sqs", "InvalidAttributeName", "InvalidAttributeName", 400),
        ("sqs", "InvalidAttributeValue", "InvalidAttributeValue", 400),
        ("sqs", "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", 400),
        ("sqs", "InvalidMessageContents", "InvalidMessageContents", 400),
        ("sqs", "InvalidParameterValueException", "InvalidParameterValue", 400),
        ("sqs", "MissingRequiredParameterException", "MissingParameter", 400),
        ("sqs", "OverLimit", "OverLimit", 403),
        ("sqs", "PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403),
        ("sqs", "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", 400),
        ("sqs", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400),
        ("sqs", "QueueNameExists", "QueueAlreadyExists", 400),
        ("sqs", "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404),
        ("sqs", "ResourceNotFoundException", "ResourceNotFoundException", 404),
        ("sqs", "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400),
        ("sqs", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", 400),
        ("sns", "BatchEntryIdsNotDistinctException", "BatchEntryIdsNotDistinct", 400),
        ("sns", "BatchRequestTooLongException", "BatchRequestTooLong", 400),
        ("sns", "InvalidBatchEntryIdException", "InvalidBatchEntryId", 400),
        ("sns", "InvalidParameterException", "InvalidParameter", 400),
        ("sns", "InvalidParameterValueException", "ParameterValueInvalid", 400),
        ("sns", "NotFoundException", "NotFound", 404),
        ("sns", "TooManyEntriesInBatchRequestException", "TooManyEntriesInBatchRequest", 400),
        ("sns", "ValidationError", "ValidationError", 400),
        ("events", "InvalidEventPatternException", "InvalidEventPatternException", 400),
        ("events", "LimitExceededException", "LimitExceededException", 400),
        ("events", "ResourceAlreadyExistsException", "ResourceAlreadyExistsException", 400),
        ("events", "ResourceNotFoundException", "ResourceNotFoundException", 400),
        ("events", "ValidationException", "ValidationException", 400),
        ("events", "InternalException", "InternalException", 500),
    ],
)
def test_an_error_has_the_code_and_status_that_aws_answers(
    service: str, name: str, code: str, status: int
) -> None:
    shape = Service(service).errors.of(named(name))

    assert (shape.code, shape.status, shape.sender) == (code, status, status < 500)


def test_moto_knows_the_same_codes_of_sqs() -> None:
    extras = Path(moto.sqs.__file__).parent / "2012-11-05" / "service-2.moto-extras.json.gz"
    with gzip.open(extras) as file:
        shapes = json.load(file)["merge"]["shapes"]
    errors = {name: shape["error"] for name, shape in shapes.items() if "error" in shape}
    ours = Service("sqs").errors

    assert len(errors) == 13
    assert {name: (ours.of(named(name)).code, ours.of(named(name)).status) for name in errors} == {
        name: (error["code"], error["httpStatusCode"]) for name, error in errors.items()
    }
