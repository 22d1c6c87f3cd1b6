"""A Lambda function that lives by Powertools: its batch processor, and its parser of SQS records."""
# mypy: ignore-errors
# ruff: noqa: T201

import os

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.parser.models import SqsModel, SqsRecordModel
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Json


class Order(BaseModel):
    number: int


class OrderRecord(SqsRecordModel):
    body: Json[Order]


processor = BatchProcessor(event_type=EventType.SQS, model=OrderRecord)


def handle(record: OrderRecord) -> None:
    if record.body.number < 0:
        raise ValueError(f"no order {record.body.number}")
    print(f"handled order {record.body.number} of {record.eventSourceARN.rpartition(':')[2]}", flush=True)


def batch(event: dict, context: LambdaContext) -> dict:
    SqsModel.model_validate(event)
    return process_partial_response(event=event, record_handler=handle, processor=processor, context=context)


def die(event: dict, context: LambdaContext) -> None:
    print(f"dying with {len(event['Records'])}", flush=True)
    os._exit(7)
