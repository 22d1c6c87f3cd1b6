"""Requests that cannot be carried out: each gets an error of AWS's kind, none a 500."""

import json
import logging
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.apis.app import create_app
from pocketbus.apis.codec.errors import RequestEntityTooLarge
from pocketbus.apis.endpoint import MAX_BODY, read_body
from pocketbus.apis.service import Service
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import QueueDoesNotExist, UnsupportedOperation
from tests.apis.asgi import Reply, ask, ask_form, ask_json
from tests.apis.conftest import Wire


def code_in(reply: Reply) -> str:
    return reply.text.partition("<Code>")[2].partition("</Code>")[0]


async def test_an_unknown_json_operation_of_sqs(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AmazonSQS.SendPigeon")

    assert reply.status == 400
    assert json.loads(reply.body) == {
        "__type": "com.amazon.coral.service#UnknownOperationException",
        "message": "The action SendPigeon is not valid for this endpoint.",
    }


async def test_an_unknown_json_operation_of_eventbridge(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AWSEvents.SendPigeon")

    assert (reply.status, json.loads(reply.body)["__type"]) == (400, "UnknownOperationException")


async def test_an_empty_target_is_none(wire: Wire) -> None:
    reply = await ask(wire.app, b"Action=ListQueues", headers={"x-amz-target": ""})

    assert reply.status == 200


async def test_an_unknown_action(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="SendPigeon")

    assert (reply.status, code_in(reply)) == (400, "InvalidAction")
    assert "<Message>The action SendPigeon is not valid for this endpoint.</Message>" in reply.text


async def test_an_action_of_another_service_than_the_signed_one(wire: Wire) -> None:
    credential = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/sns/aws4_request, Signature=0"

    reply = await ask(wire.app, b"Action=SendMessage", headers={"authorization": credential})

    assert (reply.status, code_in(reply)) == (400, "InvalidAction")


@pytest.mark.parametrize("body", [b"", b"Version=2012-11-05", b"Action="])
async def test_no_action_at_all(wire: Wire, body: bytes) -> None:
    reply = await ask(wire.app, body)

    assert (reply.status, code_in(reply)) == (400, "MissingAction")


async def test_json_without_a_target_is_answered_in_json(wire: Wire) -> None:
    reply = await ask(wire.app, b'{"QueueName":"q"}', headers={"content-type": "application/x-amz-json-1.0"})

    assert (reply.status, json.loads(reply.body)["__type"]) == (400, "MissingAction")


async def test_a_target_of_a_service_that_is_not_served(wire: Wire) -> None:
    reply = await ask_json(wire.app, "DynamoDB_20120810.ListTables")

    assert reply.status == 501
    assert json.loads(reply.body) == {
        "__type": "NotImplemented",
        "message": "The service DynamoDB_20120810 is not served here; those served are events, sns, sqs, sts.",
    }


async def test_a_signature_for_a_service_that_is_not_served(wire: Wire) -> None:
    credential = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/iam/aws4_request, Signature=0"

    reply = await ask(wire.app, b"Action=TagResource", headers={"authorization": credential})

    assert (reply.status, code_in(reply)) == (501, "NotImplemented")
    assert "The service iam is not served here; those served are events, sns, sqs, sts." in reply.text


@pytest.mark.parametrize(
    ("service", "target", "operation"),
    [
        ("sqs", "AmazonSQS.SendMessage", "SendMessage"),
        ("events", "AWSEvents.PutRule", "PutRule"),
    ],
)
async def test_an_operation_that_is_not_implemented(service: str, target: str, operation: str) -> None:
    reply = await ask_json(create_app(Engine(), [Service(service)]), target)

    assert reply.status == 501
    assert json.loads(reply.body)["__type"].endswith("NotImplemented")
    assert json.loads(reply.body)["message"] == f"The operation {operation} of {service} is not implemented."


async def test_an_action_that_is_not_implemented() -> None:
    reply = await ask_form(create_app(Engine(), [Service("sns")]), Action="Publish")

    assert (reply.status, code_in(reply)) == (501, "NotImplemented")


async def test_a_missing_parameter_of_sqs_over_json(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AmazonSQS.SendMessage", b'{"QueueUrl":"u"}')

    assert (reply.status, reply.headers["x-amzn-query-error"]) == (400, "MissingParameter;Sender")
    assert json.loads(reply.body) == {
        "__type": "com.amazon.coral.service#MissingRequiredParameterException",
        "message": "The request must contain the parameter MessageBody.",
    }


async def test_a_missing_parameter_of_sqs_over_query(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="SendMessage", QueueUrl="u")

    assert (reply.status, code_in(reply)) == (400, "MissingParameter")


async def test_a_missing_parameter_of_sns(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="CreateTopic")

    assert (reply.status, code_in(reply)) == (400, "ValidationError")
    assert "1 validation error detected: Value null at 'name' failed" in reply.text


async def test_a_missing_parameter_of_eventbridge(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AWSEvents.PutRule")

    assert json.loads(reply.body) == {
        "__type": "ValidationException",
        "message": "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
        "Member must not be null",
    }


async def test_an_error_of_the_engine_over_json(wire: Wire) -> None:
    wire.fail(QueueDoesNotExist())

    reply = await ask_json(wire.app, "AmazonSQS.DeleteQueue", b'{"QueueUrl":"u"}')

    assert reply.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"
    assert json.loads(reply.body) == {
        "__type": "com.amazonaws.sqs#QueueDoesNotExist",
        "message": "The specified queue does not exist.",
    }


async def test_an_error_of_the_engine_over_query(wire: Wire) -> None:
    wire.fail(UnsupportedOperation())

    reply = await ask_form(wire.app, Action="DeleteQueue", QueueUrl="u")

    assert (reply.status, code_in(reply)) == (400, "AWS.SimpleQueueService.UnsupportedOperation")


async def test_a_defect_is_answered_as_an_internal_failure_and_logged(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.fail(KeyError("a defect"))

    with caplog.at_level(logging.ERROR, logger="pocketbus"):
        reply = await ask_json(wire.app, "AmazonSQS.DeleteQueue", b'{"QueueUrl":"u"}')

    assert (reply.status, reply.headers["x-amzn-query-error"]) == (500, "InternalFailure;Receiver")
    assert reply.headers["x-amzn-requestid"] in caplog.text
    assert "KeyError: 'a defect'" in caplog.text


async def test_an_output_member_that_the_model_lacks_is_a_defect(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.answer = lambda: {"Colour": "red"}

    with caplog.at_level(logging.CRITICAL, logger="pocketbus"):
        reply = await ask_json(wire.app, "AmazonSQS.ListQueues")

    assert reply.status == 500


@pytest.mark.parametrize("headers", [{"x-amz-target": "AmazonSQS.ListQueues"}, {}])
async def test_a_body_over_the_cap(wire: Wire, headers: dict[str, str]) -> None:
    reply = await ask(wire.app, b"x" * (MAX_BODY + 1), headers=headers)

    assert reply.status == 413
    assert "RequestEntityTooLarge" in reply.text


async def test_a_body_declared_over_the_cap_is_refused_before_it_is_read() -> None:
    chunks = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(RequestEntityTooLarge):
        await read_body({b"content-length": b"%d" % (MAX_BODY + 1)}, receive)
    assert chunks == 0


async def test_an_undeclared_body_is_refused_as_soon_as_it_is_over_the_cap() -> None:
    received = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal received
        received += 0x10000
        return {"type": "http.request", "body": b"x" * 0x10000, "more_body": True}

    with pytest.raises(RequestEntityTooLarge):
        await read_body({}, receive)
    assert received == MAX_BODY + 0x10000


async def test_a_body_of_just_the_cap_is_read(wire: Wire) -> None:
    body = b'{"QueueUrl":"u","MessageBody":"%s"}'
    text = b"x" * (MAX_BODY - len(body) + 2)

    reply = await ask_json(wire.app, "AmazonSQS.SendMessage", body % text)

    assert (reply.status, len(wire.arguments["message_body"])) == (200, len(text))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
_HOSTILE = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@_HOSTILE
@given(
    target=st.sampled_from(["AmazonSQS.SendMessage", "AmazonSQS.SendMessageBatch", "AWSEvents.PutTargets"]),
    params=st.dictionaries(
        st.sampled_from(["QueueUrl", "MessageBody", "MessageAttributes", "Entries", "Rule", "Targets"]), _JSON
    ),
)
async def test_no_json_makes_the_server_fail(wire: Wire, target: str, params: dict[str, object]) -> None:
    reply = await ask_json(wire.app, target, json.dumps(params).encode())

    assert reply.status in (200, 400)


@_HOSTILE
@given(
    body=st.binary(max_size=60), target=st.sampled_from(["AmazonSQS.SendMessage", "AWSEvents.PutRule", "é.x"])
)
async def test_no_bytes_make_the_server_fail(wire: Wire, body: bytes, target: str) -> None:
    assert (await ask_json(wire.app, target, body)).status in (200, 400, 501)


@_HOSTILE
@given(
    names=st.lists(
        st.lists(
            st.sampled_from(
                ["Entries", "SendMessageBatchRequestEntry", "Attributes", "entry", "member", "1", "02", ""]
            ),
            min_size=1,
            max_size=6,
        ).map(".".join)
    ),
    action=st.sampled_from(["SendMessageBatch", "Publish", "CreateTopic", "PublishBatch"]),
)
async def test_no_form_makes_the_server_fail(wire: Wire, names: list[str], action: str) -> None:
    reply = await ask_form(wire.app, Action=action, **dict.fromkeys(names, "x"))

    assert reply.status in (200, 400)


@_HOSTILE
@given(body=st.binary(max_size=60), query=st.text(st.characters(codec="ascii"), max_size=40))
async def test_no_bytes_without_a_target_make_the_server_fail(wire: Wire, body: bytes, query: str) -> None:
    assert (await ask(wire.app, body, query=query)).status in (200, 400)


async def test_a_flag_whose_name_ends_like_an_arn_is_none() -> None:
    reply = await ask_form(create_app(Engine()), Action="Subscribe", ReturnSubscriptionArn="true")

    assert (reply.status, code_in(reply)) == (400, "ValidationError")
