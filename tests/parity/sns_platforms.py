"""Mobile push: applications and the endpoints of devices."""

from tests.parity.aws import Aws

KEY = {"PlatformCredential": "key"}


def an_application_is_made_and_deleted(aws: Aws) -> None:
    create, get = "sns.create_platform_application", "sns.get_platform_application_attributes"
    made = aws("create", create, Name="shop", Platform="GCM", Attributes=KEY)
    arn = made["PlatformApplicationArn"]
    aws("list", "sns.list_platform_applications")
    aws("an unknown platform", create, Name="shop", Platform="AAA", Attributes=KEY)
    aws("a bad name", create, Name="@shop", Platform="GCM", Attributes=KEY)
    rate = {"SuccessFeedbackSampleRate": "10"}
    aws("set", "sns.set_platform_application_attributes", PlatformApplicationArn=arn, Attributes=rate)
    aws("get", get, PlatformApplicationArn=arn)
    aws("delete", "sns.delete_platform_application", PlatformApplicationArn=arn)
    aws("get of a deleted one", get, PlatformApplicationArn=arn)
    aws(
        "set of a deleted one",
        "sns.set_platform_application_attributes",
        PlatformApplicationArn=arn,
        Attributes=rate,
    )
    aws(
        "list the endpoints of a deleted one",
        "sns.list_endpoints_by_platform_application",
        PlatformApplicationArn=arn,
    )


def an_endpoint_is_made_and_deleted(aws: Aws) -> None:
    app = _application(aws)
    create = "sns.create_platform_endpoint"
    arn = aws("create", create, PlatformApplicationArn=app, Token="t1", CustomUserData="Ann")["EndpointArn"]
    aws("create again", create, PlatformApplicationArn=app, Token="t1", CustomUserData="Ann")
    aws("create with other data", create, PlatformApplicationArn=app, Token="t1", CustomUserData="Bob")
    aws("create of an absent application", create, PlatformApplicationArn=f"{app}2", Token="t1")
    off = {"Enabled": "false"}
    aws("set", "sns.set_endpoint_attributes", EndpointArn=arn, Attributes=off)
    aws("get", "sns.get_endpoint_attributes", EndpointArn=arn)
    aws("list", "sns.list_endpoints_by_platform_application", PlatformApplicationArn=app)
    aws("publish to a disabled one", "sns.publish", TargetArn=arn, Message="hello")
    aws("delete", "sns.delete_endpoint", EndpointArn=arn)
    aws("delete again", "sns.delete_endpoint", EndpointArn=arn)
    aws("delete what is no ARN", "sns.delete_endpoint", EndpointArn="phone")
    aws("get of a deleted one", "sns.get_endpoint_attributes", EndpointArn=arn)
    aws("set of a deleted one", "sns.set_endpoint_attributes", EndpointArn=arn, Attributes=off)


def a_message_goes_to_a_device(aws: Aws) -> None:
    app = _application(aws)
    made = aws("create", "sns.create_platform_endpoint", PlatformApplicationArn=app, Token="t1")
    aws("publish", "sns.publish", TargetArn=made["EndpointArn"], Message="hello")


def _application(aws: Aws) -> str:
    made = aws(
        "create an application",
        "sns.create_platform_application",
        Name="shop",
        Platform="GCM",
        Attributes=KEY,
    )
    arn: str = made["PlatformApplicationArn"]
    return arn
