"""Temporary credentials: they lead to the role's account, and tell who is in it."""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from pocketbus import Emulator
from pocketbus.apis.sts.operations import sts as service
from pocketbus.emulator.access_key import access_key, account_of
from tests.apis.sts.scenario import saml

ROLE = "arn:aws:iam::123456789012:role/service/deployer"
IDENTITY = "arn:aws:sts::123456789012:assumed-role/deployer/ada"
Client = Callable[..., Any]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T00:00:00Z")
        yield emulator


@pytest.fixture
def sts(emulator: Emulator) -> Any:
    return emulator.client("sts")


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """Make a client with credentials that an operation answered."""

    def client(service: str, answer: dict[str, Any]) -> Any:
        issued = answer["Credentials"]
        return emulator.client(
            service,
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
        )

    return client


def refusal(call: Callable[[], object]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as raised:
        call()
    error, metadata = raised.value.response["Error"], raised.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], metadata["HTTPStatusCode"]


def test_the_credentials_of_a_role_lead_to_its_account(sts: Any, client: Client, emulator: Emulator) -> None:
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="ada", SourceIdentity="Ada")

    client("sqs", answer).create_queue(QueueName="jobs")

    assert [one.arn for one in emulator.look("queues")] == ["arn:aws:sqs:us-east-1:123456789012:jobs"]
    assert answer["AssumedRoleUser"]["Arn"] == IDENTITY
    assert answer["SourceIdentity"] == "Ada"
    assert answer["Credentials"]["Expiration"].isoformat() == "2026-01-01T01:00:00+00:00"
    assert answer["SessionTokenSize"] == len(answer["Credentials"]["SessionToken"])


def test_the_caller_is_the_assumed_role(sts: Any, client: Client) -> None:
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="ada", DurationSeconds=900)

    identity = client("sts", answer).get_caller_identity()

    assert (identity["Arn"], identity["Account"]) == (IDENTITY, "123456789012")
    assert identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert identity["UserId"].endswith(":ada")
    assert identity["UserId"].startswith("AROA")


def test_a_presigned_request_is_the_assumed_roles_too(sts: Any, client: Client, emulator: Emulator) -> None:
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="ada")
    url = client("sts", answer).generate_presigned_url("get_caller_identity")

    assert "X-Amz-Security-Token=" in url
    assert IDENTITY in httpx.get(f"{emulator.url}/?{url.partition('?')[2]}").text


def test_a_role_is_assumed_from_a_role(sts: Any, client: Client) -> None:
    first = client("sts", sts.assume_role(RoleArn=ROLE, RoleSessionName="ada"))
    second = first.assume_role(RoleArn="arn:aws-cn:iam::210987654321:role/reader", RoleSessionName="eve")

    assert client("sts", second).get_caller_identity()["Arn"] == (
        "arn:aws-cn:sts::210987654321:assumed-role/reader/eve"
    )


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::123456789012:user/ada",
        "arn:aws:iam::12345:role/deployer",
        "arn:aws:sts::123456789012:role/deployer",
        "a-name-of-twenty-characters",
    ],
)
def test_what_is_no_role_is_refused(sts: Any, arn: str) -> None:
    told = refusal(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="ada"))

    assert told == ("ValidationError", "Request ARN is invalid", 400)


def test_the_models_constraints_hold(sts: Any) -> None:
    told = refusal(lambda: sts.assume_role(RoleArn=ROLE, RoleSessionName="a b", DurationSeconds=43_201))

    assert told == (
        "ValidationError",
        (
            "2 validation errors detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*; "
            "Value '43201' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value less than or equal to 43200"
        ),
        400,
    )


@pytest.mark.parametrize("operation", ["assume_role", "get_federation_token"])
def test_a_policy_has_to_be_json(sts: Any, operation: str) -> None:
    members = {"RoleArn": ROLE, "RoleSessionName": "ada"} if operation == "assume_role" else {"Name": "ada"}

    told = refusal(lambda: getattr(sts, operation)(Policy="{,}", **members))

    assert told == ("MalformedPolicyDocument", "This policy contains invalid Json", 400)


def test_a_web_identity_is_told_from_its_token(sts: Any, client: Client) -> None:
    claims = {
        "sub": "system:serviceaccount:shop:api",
        "aud": "sts.amazonaws.com",
        "iss": "https://oidc.example",
    }
    token = f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"

    answer = sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="ada", WebIdentityToken=token)

    assert answer["SubjectFromWebIdentityToken"] == "system:serviceaccount:shop:api"
    assert (answer["Audience"], answer["Provider"]) == ("sts.amazonaws.com", "https://oidc.example")
    assert client("sts", answer).get_caller_identity()["Arn"] == IDENTITY


def test_a_token_that_is_no_jwt_is_taken_and_says_nothing(sts: Any) -> None:
    answer = sts.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="ada", WebIdentityToken="a token of a test"
    )

    assert answer["AssumedRoleUser"]["Arn"] == IDENTITY
    assert "SubjectFromWebIdentityToken" not in answer


def test_a_saml_assertion_names_the_session(sts: Any, client: Client) -> None:
    principal = "arn:aws:iam::123456789012:saml-provider/idp"

    answer = sts.assume_role_with_saml(RoleArn=ROLE, PrincipalArn=principal, SAMLAssertion=saml())

    assert client("sts", answer).get_caller_identity()["Arn"] == IDENTITY
    assert (answer["Subject"], answer["SubjectType"]) == ("u-7", "persistent")
    assert (answer["Issuer"], answer["Audience"]) == (
        "https://idp.example.com",
        "https://signin.aws.amazon.com/saml",
    )


@pytest.mark.parametrize(
    ("assertion", "message"),
    [
        ("%%%%", "Invalid base64 SAMLResponse"),
        (saml("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "Invalid base64 SAMLResponse"),
        (saml("<Response/>"), "RoleSessionName is required in AuthnResponse"),
    ],
)
def test_an_assertion_that_does_not_say_it_is_refused(sts: Any, assertion: str, message: str) -> None:
    told = refusal(
        lambda: sts.assume_role_with_saml(RoleArn=ROLE, PrincipalArn=ROLE, SAMLAssertion=assertion)
    )

    assert told == ("InvalidIdentityToken", message, 400)


def test_a_session_token_keeps_the_callers_name(sts: Any, client: Client) -> None:
    answer = sts.get_session_token()

    assert client("sts", answer).get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    assert answer["Credentials"]["Expiration"].isoformat() == "2026-01-01T12:00:00+00:00"


def test_a_federated_user_has_the_callers_account(emulator: Emulator, client: Client) -> None:
    sts = emulator.client("sts", aws_access_key_id="123456789012")

    answer = sts.get_federation_token(Name="ada")

    identity = client("sts", answer).get_caller_identity()
    assert answer["FederatedUser"]["FederatedUserId"] == "123456789012:ada"
    assert (identity["Arn"], identity["UserId"]) == (
        "arn:aws:sts::123456789012:federated-user/ada",
        "123456789012:ada",
    )


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token"])
def test_temporary_credentials_get_no_further_session(sts: Any, client: Client, operation: str) -> None:
    inside = client("sts", sts.assume_role(RoleArn=ROLE, RoleSessionName="ada"))
    members = {"Name": "eve"} if "federation" in operation else {}
    name = "GetFederationToken" if members else "GetSessionToken"

    told = refusal(lambda: getattr(inside, operation)(**members))

    assert told == ("AccessDenied", f"Cannot call {name} with session credentials", 403)


def test_the_account_of_a_key_is_told(sts: Any) -> None:
    key = sts.assume_role(RoleArn=ROLE, RoleSessionName="ada")["Credentials"]["AccessKeyId"]

    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == "123456789012"
    assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "000000000000"


def test_a_key_from_elsewhere_is_still_the_servers_own_account(emulator: Emulator) -> None:
    sts = emulator.client("sts", aws_access_key_id="ASIAIOSFODNN7EXAMPLE", aws_session_token="elsewhere")

    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"


def test_a_token_can_be_made_as_long_as_a_test_needs(sts: Any, client: Client) -> None:
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="ada", MinimumSessionTokenSize=2000)

    assert len(answer["Credentials"]["SessionToken"]) == answer["SessionTokenSize"] == 2000
    assert client("sts", answer).get_caller_identity()["Arn"] == IDENTITY


@pytest.mark.parametrize("account", ["000000000000", "000000000001", "999999999999"])
@pytest.mark.parametrize("chance", [0, 2**23 - 1])
def test_every_account_can_be_read_from_its_keys(account: str, chance: int) -> None:
    assert account_of(access_key(account, chance)) == account


def test_a_key_that_was_changed_is_nobodys() -> None:
    key = access_key("123456789012", 7)

    assert account_of(f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}") is None
    assert account_of(key.lower()) is None


PAGE = (Path(__file__).parents[3] / "docs" / "STS.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_holds() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_page_has_every_operation() -> None:
    coverage = service.coverage()

    assert set(re.findall(r"^\| (Assume\w+|Get\w+) \|", PAGE, re.MULTILINE)) == set(coverage.implemented)
    assert all(name in PAGE.rpartition("are not answered.")[2] for name in coverage.unimplemented)
