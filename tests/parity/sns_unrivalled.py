"""What moto lacks, or breaks at: the SMS sandbox, data protection, archives and replays, and requests that name
nothing.
"""

import json

from tests.parity.aws import Aws

NUMBER = "+15550100001"


def a_topic_has_a_data_protection_policy(aws: Aws) -> None:
    arn = aws.make_topic()
    statement = {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/Name"],
        "Operation": {"Deny": {}},
    }
    policy = json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": [statement]})
    put, get = "sns.put_data_protection_policy", "sns.get_data_protection_policy"
    aws("put", put, ResourceArn=arn, DataProtectionPolicy=policy)
    aws("get", get, ResourceArn=arn)
    aws("put to an absent topic", put, ResourceArn=f"{arn}-gone", DataProtectionPolicy=policy)
    aws("get from an absent topic", get, ResourceArn=f"{arn}-gone")


def a_token_of_nobody_lists_nothing(aws: Aws) -> None:
    for operation in (
        "sns.list_topics",
        "sns.list_subscriptions",
        "sns.list_platform_applications",
        "sns.list_origination_numbers",
        "sns.list_sms_sandbox_phone_numbers",
    ):
        aws(operation, operation, NextToken="?")
    aws("opted out", "sns.list_phone_numbers_opted_out", nextToken="?")


def what_is_no_arn_names_nothing(aws: Aws) -> None:
    aws("get a topic's attributes", "sns.get_topic_attributes", TopicArn="news")
    aws("delete a topic", "sns.delete_topic", TopicArn="news")
    delete = "sns.delete_platform_application"
    aws("delete an application", delete, PlatformApplicationArn="shop")
    absent = "arn:aws:sns:us-east-1:123456789012:app/GCM/shop"
    aws("delete an absent application", delete, PlatformApplicationArn=absent)


def a_number_waits_in_the_sandbox(aws: Aws) -> None:
    aws("status", "sns.get_sms_sandbox_account_status")
    create, delete = "sns.create_sms_sandbox_phone_number", "sns.delete_sms_sandbox_phone_number"
    verify = "sns.verify_sms_sandbox_phone_number"
    aws("create", create, PhoneNumber=NUMBER)
    aws("create what is no number", create, PhoneNumber="phone")
    aws("list", "sns.list_sms_sandbox_phone_numbers")
    aws("verify with a wrong password", verify, PhoneNumber=NUMBER, OneTimePassword="00000")
    aws("delete", delete, PhoneNumber=NUMBER)
    aws("delete again", delete, PhoneNumber=NUMBER)


def some_lists_are_empty(aws: Aws) -> None:
    aws("origination numbers", "sns.list_origination_numbers")
    aws("all SMS attributes", "sns.get_sms_attributes")


def a_token_of_nobody_confirms_nothing(aws: Aws) -> None:
    aws("confirm", "sns.confirm_subscription", TopicArn=aws.make_topic(), Token="nobody's")


def a_batch_is_refused_for_one_entry(aws: Aws) -> None:
    topic = aws.make_topic()
    for step, entries in {
        "no entries": [],
        "an id twice": [{"Id": "a", "Message": "x"}, {"Id": "a", "Message": "y"}],
        "an empty message": [{"Id": "a", "Message": "x"}, {"Id": "b", "Message": ""}],
    }.items():
        aws(step, "sns.publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)


def a_late_queue_receives_what_the_topic_archived(aws: Aws) -> None:
    attributes = {
        "FifoTopic": "true",
        "ContentBasedDeduplication": "true",
        "ArchivePolicy": json.dumps({"MessageRetentionPeriod": "1"}),
    }
    topic = aws("create", "sns.create_topic", Name="news.fifo", Attributes=attributes)["TopicArn"]
    shown = aws("the archive", "sns.get_topic_attributes", TopicArn=topic)["Attributes"]
    aws.transcript["the archive"]["result"] = {"ArchivePolicy": shown["ArchivePolicy"]}
    for body in ("one", "two"):
        aws(f"publish {body}", "sns.publish", TopicArn=topic, Message=body, MessageGroupId="g")
    queue = aws.make_queue("late.fifo")
    replay = {"PointType": "Timestamp", "StartingPoint": shown["BeginningArchiveTime"]}
    aws(
        "subscribe",
        "sns.subscribe",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=aws.arn_of(queue),
        Attributes={"RawMessageDelivery": "true", "ReplayPolicy": json.dumps(replay)},
    )
    received = aws("receive", "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    aws.transcript["receive"]["result"] = {"bodies": [one["Body"] for one in received["Messages"]]}
    aws("delete the topic", "sns.delete_topic", TopicArn=topic)
