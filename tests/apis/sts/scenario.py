"""Every operation of STS once as it is meant."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

SAML = """<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion">
<s:Assertion><s:Issuer>https://idp.example.com</s:Issuer>
<s:Subject><s:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">u-7</s:NameID></s:Subject>
<s:Conditions><s:AudienceRestriction><s:Audience>https://signin.aws.amazon.com/saml</s:Audience>
</s:AudienceRestriction></s:Conditions>
<s:AttributeStatement><s:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
<s:AttributeValue>ada</s:AttributeValue></s:Attribute></s:AttributeStatement></s:Assertion></Response>"""


def saml(text: str = SAML) -> str:
    return b64encode(text.encode()).decode()


def everything(call: Callable[..., dict[str, Any]], _emulator: Emulator) -> None:
    role = "arn:aws:iam::000000000000:role/worker"
    provider = "arn:aws:iam::000000000000:saml-provider/idp"
    call("get_caller_identity")
    call("assume_role", RoleArn=role, RoleSessionName="ada")
    call("assume_role_with_web_identity", RoleArn=role, RoleSessionName="ada", WebIdentityToken="a.b.c")
    call("assume_role_with_saml", RoleArn=role, PrincipalArn=provider, SAMLAssertion=saml())
    call("get_session_token")
    call("get_federation_token", Name="ada")
    call("get_access_key_info", AccessKeyId="AKIAIOSFODNN7EXAMPLE")
