"""Operations that the engine calls by itself."""

import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.api_calls import CallFailed, CallFailure, CallRefused
from pocketbus.emulator.deliveries.courier import Outcome
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.trouble.incident import Where

CALLER = "arn:aws:scheduler:eu-west-1:111111111111:schedule/default/s"


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Config(seed=1))
    create_app(engine)
    return engine


def call(engine: Engine, service: str, action: str, request: object) -> Outcome:
    operation = engine.api_calls.operation(service, action)
    assert operation is not None
    return operation.perform(CALLER, request)


def test_an_operation_is_carried_out_in_the_account_and_region_of_its_caller(engine: Engine) -> None:
    call(engine, "sqs", "createQueue", {"QueueName": "q"})

    assert list(engine.scope("111111111111", "eu-west-1").sqs.queues) == ["q"]


def test_the_id_that_it_gives_leads_the_story_on(engine: Engine) -> None:
    call(engine, "sqs", "createQueue", {"QueueName": "q"})

    outcome = call(engine, "sqs", "sendMessage", {"QueueUrl": "q", "MessageBody": "x"})

    (message,) = engine.scope("111111111111", "eu-west-1").sqs.queues["q"]
    assert outcome.became == message.message_id


@pytest.mark.parametrize(
    ("service", "action", "request_", "code"),
    [
        ("sqs", "purgeQueue", {"QueueUrl": "gone"}, "AWS.SimpleQueueService.NonExistentQueue"),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:gone", "Message": "x"},
            "NotFound",
        ),
        ("eventbridge", "putRule", {"Name": "a b"}, "ValidationException"),
        ("sqs", "sendMessage", {"QueueUrl": 7}, "SerializationException"),
        ("sqs", "sendMessage", "text", "SerializationException"),
        ("sts", "assumeRoot", {}, "NotImplemented"),
    ],
)
def test_an_error_that_will_not_pass_has_the_code_of_its_api(
    engine: Engine, service: str, action: str, request_: object, code: str
) -> None:
    with pytest.raises(CallRefused) as raised:
        call(engine, service, action, request_)

    assert raised.value.code == code


@pytest.mark.parametrize(
    ("kind", "details", "code"),
    [
        ("throttle", {}, "RequestThrottled"),
        ("error", {"code": "InternalFailure", "status": 500}, "InternalFailure"),
        ("cut", {"when": "before"}, "RequestTimeout"),
    ],
)
def test_an_error_that_may_pass_is_told_from_others(
    engine: Engine, kind: str, details: dict[str, object], code: str
) -> None:
    engine.faults.add(kind, Where(operation="CreateQueue"), details)

    with pytest.raises(CallFailed) as raised:
        call(engine, "sqs", "createQueue", {"QueueName": "q"})

    assert raised.value.code == code
    assert engine.scope("111111111111", "eu-west-1").sqs.queues == {}


async def test_an_operation_that_waits_cannot_be_called(engine: Engine) -> None:
    call(engine, "sqs", "createQueue", {"QueueName": "q"})

    with pytest.raises(CallFailure) as raised:
        call(engine, "sqs", "receiveMessage", {"QueueUrl": "q", "WaitTimeSeconds": 5})

    assert raised.value.code == "UnsupportedOperation"
    assert engine.scope("111111111111", "eu-west-1").sqs.queues["q"].waiting == 0
