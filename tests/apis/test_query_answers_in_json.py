"""The query protocol answers in JSON where it is asked to: whole answers, as AWS writes them."""

import json
import re

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import Reply, ask_form
from tests.apis.asgi import ask as ask_whole

IN_JSON = {"accept": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
QUEUE = "/000000000000/orders"


@pytest.fixture
def app() -> ASGIApp:
    engine = Engine(Config(seed=1))
    engine.clock.freeze()
    engine.clock.set(1_700_000_000.0)
    return create_app(engine)


async def ask(app: ASGIApp, form: str, path: str = "/", **headers: str) -> Reply:
    return await ask_whole(app, form.encode(), path=path, headers={**FORM, **IN_JSON, **headers})


def plain(reply: Reply) -> str:
    """Return the answer with its ids as UUID and its receipt handles as HANDLE."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", "UUID", reply.text)
    return re.sub(r"AQEB[A-Za-z0-9+/=]+", "HANDLE", text)


async def make_queue(app: ASGIApp) -> None:
    await ask(app, "Action=CreateQueue&QueueName=orders")


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
async def test_a_sent_message(app: ASGIApp, accept: str) -> None:
    await make_queue(app)

    reply = await ask(app, "Action=SendMessage&MessageBody=x", QUEUE, accept=accept)

    assert plain(reply) == (
        '{"SendMessageResponse":{"ResponseMetadata":{"RequestId":"UUID"},"SendMessageResult":'
        '{"MD5OfMessageAttributes":null,"MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6",'
        '"MD5OfMessageSystemAttributes":null,"MessageId":"UUID","SequenceNumber":null}}}'
    )
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert f'"RequestId":"{reply.headers["x-amzn-requestid"]}"' in reply.text


async def test_a_received_message(app: ASGIApp) -> None:
    await make_queue(app)
    attribute = (
        "MessageAttribute.Name=k&MessageAttribute.Value.DataType=String&MessageAttribute.Value.StringValue=v"
    )
    await ask(app, f"Action=SendMessage&MessageBody=x&{attribute}", QUEUE)

    form = "Action=ReceiveMessage&AttributeName=SentTimestamp&MessageAttributeName=All"
    assert plain(await ask(app, form, QUEUE)) == (
        '{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{'
        '"Attributes":[{"Name":"SentTimestamp","Value":"1700000000000"}],"Body":"x",'
        '"MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6",'
        '"MD5OfMessageAttributes":"0a77b0642718c3d9dd47090567d11e0d",'
        '"MessageAttributes":[{"Name":"k","Value":{"BinaryListValues":null,"BinaryValue":null,'
        '"DataType":"String","StringListValues":null,"StringValue":"v"}}],'
        '"MessageId":"UUID","ReceiptHandle":"HANDLE"}]},"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_no_message(app: ASGIApp) -> None:
    await make_queue(app)

    assert plain(await ask(app, "Action=ReceiveMessage", QUEUE)) == (
        '{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":null},'
        '"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_queue_attributes_are_pairs(app: ASGIApp) -> None:
    await make_queue(app)

    assert plain(await ask(app, "Action=GetQueueAttributes&AttributeName=QueueArn", QUEUE)) == (
        '{"GetQueueAttributesResponse":{"GetQueueAttributesResult":{"Attributes":'
        '[{"Name":"QueueArn","Value":"arn:aws:sqs:us-east-1:000000000000:orders"}]},'
        '"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_an_operation_without_a_result(app: ASGIApp) -> None:
    await make_queue(app)

    assert plain(await ask(app, "Action=PurgeQueue", QUEUE)) == (
        '{"PurgeQueueResponse":{"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_an_error_of_sqs(app: ASGIApp) -> None:
    reply = await ask(app, "Action=PurgeQueue", QUEUE)

    assert (reply.status, reply.headers["content-type"]) == (400, "application/json")
    assert plain(reply) == (
        '{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue",'
        '"Message":"The specified queue does not exist for this wsdl version.","Type":"Sender"},'
        '"RequestId":"UUID"}'
    )


@pytest.mark.parametrize("asked", ["Accept", "ContentType"])
async def test_an_answer_of_sns(app: ASGIApp, asked: str) -> None:
    headers = {} if asked == "Accept" else {"accept": "*/*"}
    form = "Action=CreateTopic&Name=news" + ("&ContentType=JSON" if asked == "ContentType" else "")

    assert plain(await ask(app, form, **headers)) == (
        '{"CreateTopicResponse":{"CreateTopicResult":{"TopicArn":"arn:aws:sns:us-east-1:000000000000:news"},'
        '"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_the_attributes_of_sns_are_a_map(app: ASGIApp) -> None:
    await ask(app, "Action=CreateTopic&Name=news")
    arn = "arn:aws:sns:us-east-1:000000000000:news"
    await ask(app, f"Action=TagResource&ResourceArn={arn}&Tags.member.1.Key=k&Tags.member.1.Value=v")
    reply = await ask(app, f"Action=GetTopicAttributes&TopicArn={arn}")

    attributes = json.loads(reply.text)["GetTopicAttributesResponse"]["GetTopicAttributesResult"][
        "Attributes"
    ]
    assert attributes["TopicArn"] == arn
    assert plain(await ask(app, f"Action=ListTagsForResource&ResourceArn={arn}")) == (
        '{"ListTagsForResourceResponse":{"ListTagsForResourceResult":{"Tags":[{"Key":"k","Value":"v"}]},'
        '"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_an_error_of_sns(app: ASGIApp) -> None:
    reply = await ask_form(app, Action="Publish", Message="x", ContentType="JSON")

    assert reply.status == 400
    assert plain(reply) == (
        '{"Error":{"Code":"InvalidParameter",'
        '"Message":"Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",'
        '"Type":"Sender"},"RequestId":"UUID"}'
    )


@pytest.mark.parametrize(("form", "accept"), [("", "application/json"), ("&ContentType=JSON", "*/*")])
async def test_an_answer_of_sts(app: ASGIApp, form: str, accept: str) -> None:
    reply = await ask(app, f"Action=GetCallerIdentity&Version=2011-06-15{form}", accept=accept)

    assert plain(reply) == (
        '{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"000000000000",'
        '"Arn":"arn:aws:iam::000000000000:root","UserId":"000000000000"},'
        '"ResponseMetadata":{"RequestId":"UUID"}}}'
    )


async def test_an_error_before_the_service_is_known(app: ASGIApp) -> None:
    reply = await ask(app, "Action=SendPigeon")

    assert plain(reply) == (
        '{"Error":{"Code":"InvalidAction","Message":"The action SendPigeon is not valid for this endpoint.",'
        '"Type":"Sender"},"RequestId":"UUID"}'
    )


async def test_without_being_asked_the_answer_is_in_xml(app: ASGIApp) -> None:
    reply = await ask(app, "Action=ListQueues", accept="*/*")

    assert reply.headers["content-type"] == "text/xml"
