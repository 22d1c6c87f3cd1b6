"""Every operation of SNS once as it is meant, with something to show."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

ACCOUNT = "000000000000"
ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:{{}}".format
NEWS, FIFO = ARN("news"), ARN("news.fifo")
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
APP, SANDBOXED = ARN("app/GCM/shop"), "+15550101"
TAGS = [{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": ""}]
PROTECTION = (
    '{"Name":"p","Version":"2021-06-01","Statement":[{"DataDirection":"Inbound","Principal":["*"],'
    '"DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Deny":{}}}]}'
)


def topics(call: Call) -> None:
    call("create_topic", Name="news", Tags=TAGS, Attributes={"DisplayName": "News"})
    call("create_topic", Name="archive")
    call("create_topic", Name="news.fifo", Attributes={"FifoTopic": "true"})
    call("list_topics")
    call("set_topic_attributes", TopicArn=NEWS, AttributeName="DisplayName", AttributeValue="N")
    call("add_permission", TopicArn=NEWS, Label="l", AWSAccountId=["111111111111"], ActionName=["Publish"])
    call("remove_permission", TopicArn=NEWS, Label="l")
    call("tag_resource", ResourceArn=NEWS, Tags=[{"Key": "new", "Value": "1"}])
    call("list_tags_for_resource", ResourceArn=NEWS)
    call("untag_resource", ResourceArn=NEWS, TagKeys=["new"])
    call("put_data_protection_policy", ResourceArn=NEWS, DataProtectionPolicy=PROTECTION)
    call("get_data_protection_policy", ResourceArn=NEWS)


def subscriptions(call: Call, token_of: Callable[[str], str]) -> None:
    queue = call("subscribe", TopicArn=NEWS, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    mail = call(
        "subscribe",
        TopicArn=ARN("archive"),
        Protocol="email",
        Endpoint="bob@example.com",
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    call("get_topic_attributes", TopicArn=NEWS)
    call("list_subscriptions")
    call("list_subscriptions_by_topic", TopicArn=NEWS)
    call("confirm_subscription", TopicArn=ARN("archive"), Token=token_of(mail))
    policy = {"AttributeName": "FilterPolicy", "AttributeValue": '{"colour":["red"]}'}
    call("set_subscription_attributes", SubscriptionArn=queue, **policy)
    call("get_subscription_attributes", SubscriptionArn=queue)
    call("publish", TopicArn=NEWS, Message="hello")
    entry = {"Message": "hello", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    call("publish_batch", TopicArn=FIFO, PublishBatchRequestEntries=[{"Id": "1", **entry}])
    call("unsubscribe", SubscriptionArn=queue)
    call("delete_topic", TopicArn=ARN("archive"))


def platforms(call: Call) -> None:
    call("create_platform_application", Name="shop", Platform="GCM", Attributes={"PlatformCredential": "k"})
    call("list_platform_applications")
    failures = {"SuccessFeedbackSampleRate": "50"}
    call("set_platform_application_attributes", PlatformApplicationArn=APP, Attributes=failures)
    call("get_platform_application_attributes", PlatformApplicationArn=APP)
    device = call("create_platform_endpoint", PlatformApplicationArn=APP, Token="t")["EndpointArn"]
    call("set_endpoint_attributes", EndpointArn=device, Attributes={"CustomUserData": "Ann"})
    call("get_endpoint_attributes", EndpointArn=device)
    call("list_endpoints_by_platform_application", PlatformApplicationArn=APP)
    call("delete_endpoint", EndpointArn=device)
    call("delete_platform_application", PlatformApplicationArn=APP)


def phones(call: Call, opt_out: Callable[[str], None], password_of: Callable[[str], str]) -> None:
    call("set_sms_attributes", attributes={"DefaultSMSType": "Transactional"})
    call("get_sms_attributes")
    opt_out("+15550100")
    call("list_phone_numbers_opted_out")
    call("check_if_phone_number_is_opted_out", phoneNumber="+15550100")
    call("opt_in_phone_number", phoneNumber="+15550100")
    call("get_sms_sandbox_account_status")
    call("create_sms_sandbox_phone_number", PhoneNumber=SANDBOXED)
    call("list_sms_sandbox_phone_numbers")
    call("verify_sms_sandbox_phone_number", PhoneNumber=SANDBOXED, OneTimePassword=password_of(SANDBOXED))
    call("delete_sms_sandbox_phone_number", PhoneNumber=SANDBOXED)
    call("list_origination_numbers")
