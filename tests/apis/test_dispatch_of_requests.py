"""Which service, operation and protocol a request is for, and whose it is."""

from typing import Any
from urllib.parse import quote

import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.call import Call
from pocketbus.apis.dispatch import credential_of
from pocketbus.apis.service import Service
from tests.apis.asgi import ask, ask_form, ask_json
from tests.apis.conftest import Wire

FORM = {"content-type": "application/x-www-form-urlencoded"}


def signed(service: str, *, access_key: str = "AKIDEXAMPLE", region: str = "eu-central-1") -> dict[str, str]:
    credential = f"{access_key}/20260101/{region}/{service}/aws4_request"
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00",
        **FORM,
    }


def operation_of(text: str) -> str:
    return text.partition("Response ")[0].rpartition("<")[2]


async def test_a_json_target_names_service_and_operation(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AmazonSQS.DeleteQueue", b'{"QueueUrl":"u"}')

    assert (reply.status, wire.arguments) == (200, {"queue_url": "u"})
    assert reply.headers["content-type"] == "application/x-amz-json-1.0"


async def test_eventbridge_answers_in_json_1_1(wire: Wire) -> None:
    wire.answer = lambda: {"Rules": []}

    reply = await ask_json(wire.app, "AWSEvents.ListRules")

    assert (reply.headers["content-type"], reply.text) == ("application/x-amz-json-1.1", '{"Rules":[]}')


async def test_an_action_in_a_form_is_answered_in_xml(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="DeleteQueue", QueueUrl="u")

    assert (reply.headers["content-type"], operation_of(reply.text)) == ("text/xml", "DeleteQueue")


async def test_an_action_in_a_query_string_works_with_get(wire: Wire) -> None:
    reply = await ask(wire.app, method="GET", query="Action=GetQueueUrl&QueueName=a%2Bb")

    assert (reply.status, wire.arguments) == (200, {"queue_name": "a+b"})


async def test_parameters_come_from_the_query_string_and_the_body(wire: Wire) -> None:
    await ask(
        wire.app, b"MessageBody=b&QueueUrl=u", query="Action=SendMessage&QueueUrl=overruled", headers=FORM
    )

    assert wire.arguments == {"queue_url": "u", "message_body": "b"}


async def test_a_queue_url_takes_an_action_and_names_the_queue(wire: Wire) -> None:
    await ask(wire.app, method="GET", path="/000000000000/orders", query="Action=ReceiveMessage")

    assert wire.arguments == {"queue_url": "http://localhost:4566/000000000000/orders"}


async def test_a_queue_url_in_the_request_is_stronger_than_the_path(wire: Wire) -> None:
    await ask_form(wire.app, "/000000000000/orders", Action="PurgeQueue", QueueUrl="u")

    assert wire.arguments == {"queue_url": "u"}


async def test_the_root_path_is_no_queue(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="ReceiveMessage")

    assert "The request must contain the parameter QueueUrl." in reply.text


@pytest.mark.parametrize("path", ["/000000000000/orders", "/queue/eu-west-1/000000000000/orders"])
@pytest.mark.parametrize("action", ["CreateQueue", "ListQueues", "StartMessageMoveTask"])
async def test_a_queue_url_takes_no_action_that_is_of_no_queue(wire: Wire, path: str, action: str) -> None:
    reply = await ask_form(wire.app, path, Action=action)

    assert (reply.status, wire.calls) == (400, [])
    assert "<Code>InvalidAction</Code>" in reply.text
    assert f"<Message>The action {action} is not valid for this endpoint.</Message>" in reply.text


async def test_a_path_that_is_no_queues_is_none_for_an_operation_without_one(wire: Wire) -> None:
    await ask_form(wire.app, "/sqs", Action="CreateQueue", QueueName="q")

    assert wire.arguments == {"queue_name": "q"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [{}, {"accept": "application/json"}])
async def test_a_queue_url_without_an_action_is_an_unknown_operation(
    wire: Wire, method: str, headers: dict[str, str]
) -> None:
    reply = await ask(wire.app, method=method, path="/000000000000/orders", headers=headers)

    assert (reply.status, reply.text) == (404, "<UnknownOperationException/>")
    assert reply.headers["content-type"] == "text/xml"
    assert "x-amzn-requestid" in reply.headers


async def test_a_request_signed_for_sqs_without_an_action_is_an_unknown_operation(wire: Wire) -> None:
    reply = await ask(wire.app, b"MessageBody=x", headers=signed("sqs"))

    assert (reply.status, reply.text) == (404, "<UnknownOperationException/>")


@pytest.mark.parametrize(
    ("service", "given", "namespace"),
    [
        (
            "sqs",
            b"QueueUrl=t&AWSAccountId.1=1&ActionName.1=SendMessage",
            "http://queue.amazonaws.com/doc/2012-11-05/",
        ),
        (
            "sns",
            b"TopicArn=t&AWSAccountId.member.1=1&ActionName.member.1=Publish",
            "http://sns.amazonaws.com/doc/2010-03-31/",
        ),
    ],
)
async def test_the_credential_scope_decides_between_services(
    wire: Wire, service: str, given: bytes, namespace: str
) -> None:
    reply = await ask(wire.app, b"Action=AddPermission&Label=l&" + given, headers=signed(service))

    assert (reply.status, namespace in reply.text) == (200, True)


@pytest.mark.parametrize(
    ("parameter", "namespace"),
    [("TopicArn", "http://sns.amazonaws.com/"), ("QueueUrl", "http://queue.amazonaws.com/")],
)
async def test_unsigned_the_names_of_the_parameters_decide(
    wire: Wire, parameter: str, namespace: str
) -> None:
    reply = await ask_form(wire.app, Action="RemovePermission", Label="l", **{parameter: "x"})

    assert (reply.status, namespace in reply.text) == (200, True)


async def test_an_access_key_of_twelve_digits_is_the_account(wire: Wire) -> None:
    await ask(wire.app, b"Action=ListQueues", headers=signed("sqs", access_key="123456789012"))

    assert wire.call.scope.account == "123456789012"


async def test_any_other_access_key_means_the_default_account(wire: Wire) -> None:
    await ask(wire.app, b"Action=ListQueues", headers=signed("sqs", access_key="12345678901a"))

    assert wire.call.scope.account == "000000000000"


async def test_the_region_is_that_of_the_credential_scope(wire: Wire) -> None:
    await ask(wire.app, b"Action=ListQueues", headers=signed("sqs", region="eu-west-3"))

    assert wire.call.scope.region == "eu-west-3"


@pytest.mark.parametrize("region", ["", "EU_WEST", "a" * 33, "eu\u00fcwest"])
def test_a_region_that_is_none_is_not_used(region: str) -> None:
    headers = {b"authorization": f"Credential=k/1/{region}/sqs/aws4_request".encode()}

    assert credential_of(headers, b"").region is None


def test_a_multi_region_signature_names_the_account_and_no_region() -> None:
    header = b"AWS4-ECDSA-P256-SHA256 Credential=123456789012/20260101/events/aws4_request, Signature=00"

    assert credential_of({b"authorization": header}, b"") == ("123456789012", None, "events")


async def test_a_request_without_a_signature_gets_the_defaults(wire: Wire) -> None:
    await ask_form(wire.app, Action="ListQueues")

    assert (wire.call.scope.account, wire.call.scope.region) == ("000000000000", "us-east-1")


async def test_a_presigned_url_names_account_and_region(wire: Wire) -> None:
    credential = quote("123456789012/20260101/eu-west-3/sqs/aws4_request", safe="")

    await ask(
        wire.app, method="GET", query=f"Action=ListQueues&X-Amz-Credential={credential}&X-Amz-Signature=0"
    )

    assert (wire.call.scope.account, wire.call.scope.region) == ("123456789012", "eu-west-3")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "sqs.example.test:8080"}, "http://sqs.example.test:8080"),
        ({"host": "[::1]:4566"}, "http://[::1]:4566"),
        ({"host": "evil/path"}, "http://localhost:4566"),
        ({"host": 'a"b'}, "http://localhost:4566"),
        ({"host": ""}, "http://localhost:4566"),
    ],
)
async def test_the_base_url_is_how_the_client_addressed_us(
    wire: Wire, headers: dict[str, str], expected: str
) -> None:
    await ask(wire.app, b"Action=ListQueues", headers={**headers, **FORM})

    assert wire.call.base_url == expected


async def test_every_answer_names_its_request(wire: Wire) -> None:
    reply = await ask_form(wire.app, Action="ListQueues")

    assert reply.headers["x-amzn-requestid"] == wire.call.request_id
    assert f"<RequestId>{wire.call.request_id}</RequestId>" in reply.text


async def test_an_operation_without_output_answers_json_clients_with_nothing(wire: Wire) -> None:
    reply = await ask_json(wire.app, "AmazonSQS.DeleteQueue", b'{"QueueUrl":"u"}')

    assert (reply.body, reply.headers["content-length"]) == (b"", "0")


async def test_the_answer_may_hold_any_character(wire: Wire) -> None:
    wire.answer = lambda: {"Messages": [{"Body": "Größe \U0001f600"}]}

    reply = await ask_json(wire.app, "AmazonSQS.ReceiveMessage", b'{"QueueUrl":"u"}')

    assert reply.text == '{"Messages":[{"Body":"Größe \U0001f600"}]}'


async def test_an_operation_that_waits_is_awaited(wire: Wire) -> None:
    service = Service("sqs")

    @service.operation
    async def receive_message(call: Call, *, queue_url: str) -> dict[str, Any]:
        return {"Messages": [{"Body": queue_url}]}

    reply = await ask_json(
        create_app(wire.engine, [service]),
        "AmazonSQS.ReceiveMessage",
        b'{"QueueUrl":"u","WaitTimeSeconds":1}',
    )

    assert reply.text == '{"Messages":[{"Body":"u"}]}'
