"""GetCallerIdentity: the account that a request counts for."""

import pytest
from botocore.parsers import create_parser
from botocore.session import get_session
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import Reply, ask, ask_form


@pytest.fixture
def app() -> ASGIApp:
    return create_app(Engine())


def parsed(reply: Reply) -> dict[str, str]:
    operation = get_session().get_service_model("sts").operation_model("GetCallerIdentity")
    response = {"status_code": reply.status, "headers": reply.headers, "body": reply.body}
    result: dict[str, str] = create_parser("query").parse(response, operation.output_shape)
    del result["ResponseMetadata"]
    return result


async def test_the_caller_is_the_root_of_the_default_account(app: ASGIApp) -> None:
    reply = await ask_form(app, Action="GetCallerIdentity", Version="2011-06-15")

    assert parsed(reply) == {
        "UserId": "000000000000",
        "Account": "000000000000",
        "Arn": "arn:aws:iam::000000000000:root",
    }


async def test_the_answer_is_whole_and_in_order(app: ASGIApp) -> None:
    reply = await ask_form(app, Action="GetCallerIdentity", Version="2011-06-15")
    request_id = reply.headers["x-amzn-requestid"]

    assert reply.status == 200
    assert reply.text == (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        "<Arn>arn:aws:iam::000000000000:root</Arn><UserId>000000000000</UserId><Account>000000000000</Account>"
        f"</GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )
    assert reply.headers == {
        "content-type": "text/xml",
        "content-length": str(len(reply.body)),
        "x-amzn-requestid": request_id,
    }


async def test_the_caller_is_the_account_that_the_access_key_names(app: ASGIApp) -> None:
    credential = "Credential=123456789012/20260101/cn-north-1/sts/aws4_request"

    reply = await ask(
        app,
        b"Action=GetCallerIdentity",
        headers={"authorization": f"AWS4-HMAC-SHA256 {credential}, Signature=0"},
    )

    assert parsed(reply) == {
        "UserId": "123456789012",
        "Account": "123456789012",
        "Arn": "arn:aws-cn:iam::123456789012:root",
    }


async def test_other_operations_are_not_implemented(app: ASGIApp) -> None:
    reply = await ask_form(app, Action="GetSessionToken")

    assert reply.status == 501
    assert "<Message>The operation GetSessionToken of sts is not implemented.</Message>" in reply.text
