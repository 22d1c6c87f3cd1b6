"""Queue attributes on the wire: defaults, ranges, which queue takes which, and the policies between queues."""

import json

import pytest

from tests.apis.sqs.conftest import MakeSqs, Refused, Sqs

DEFAULTS = {
    "QueueArn": "arn:aws:sqs:us-east-1:000000000000:orders",
    "ApproximateNumberOfMessages": "0",
    "ApproximateNumberOfMessagesNotVisible": "0",
    "ApproximateNumberOfMessagesDelayed": "0",
    "CreatedTimestamp": "1700000000",
    "LastModifiedTimestamp": "1700000000",
    "VisibilityTimeout": "30",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
}


def invalid_name(message: str) -> Refused:
    return Refused(400, "InvalidAttributeName", message)


def invalid_value(message: str) -> Refused:
    return Refused(400, "InvalidAttributeValue", message)


async def test_a_standard_queue_has_awss_defaults(sqs: Sqs) -> None:
    assert await sqs.attributes(await sqs.queue("orders")) == DEFAULTS


async def test_a_fifo_queue_has_four_attributes_more(sqs: Sqs) -> None:
    attributes = await sqs.attributes(await sqs.queue("orders.fifo"))

    assert {name: attributes[name] for name in attributes.keys() - DEFAULTS.keys()} == {
        "FifoQueue": "true",
        "ContentBasedDeduplication": "false",
        "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue",
    }


async def test_attributes_are_given_by_name_and_none_without_names(sqs: Sqs) -> None:
    url = await sqs.queue("orders")

    assert await sqs.attributes(url, "DelaySeconds", "QueueArn", "FifoQueue", "Policy") == {
        "DelaySeconds": "0",
        "QueueArn": "arn:aws:sqs:us-east-1:000000000000:orders",
    }
    assert await sqs.call("GetQueueAttributes", QueueUrl=url) == {}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("VisibilityTimeout", 0, 43_200),
        ("MaximumMessageSize", 1_024, 1_048_576),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("DelaySeconds", 0, 900),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
    ],
)
async def test_a_number_lies_in_its_range(sqs: Sqs, name: str, least: int, most: int) -> None:
    url = await sqs.queue("orders", KmsMasterKeyId="alias/aws/sqs")
    for value in (least, most):
        await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={name: str(value)})
        assert await sqs.attributes(url, name) == {name: str(value)}

    refusal = invalid_value(f"Invalid value for the parameter {name}.")
    for wrong in (str(least - 1), str(most + 1), "", "1.5", "ten"):
        assert await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes={name: wrong}) == refusal
        assert await sqs.refusal("CreateQueue", QueueName="new", Attributes={name: wrong}) == refusal


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("SqsManagedSseEnabled", "yes"),
        ("ContentBasedDeduplication", ""),
        ("DeduplicationScope", "perQueue"),
        ("FifoThroughputLimit", "queue"),
        ("Policy", "no JSON"),
        ("Policy", "[]"),
        ("Policy", '{"Statement":["Allow"]}'),
        ("RedriveAllowPolicy", "no JSON"),
        ("RedriveAllowPolicy", "{}"),
        ("RedriveAllowPolicy", '{"redrivePermission":"byQueue"}'),
        ("RedriveAllowPolicy", '{"redrivePermission":"allowAll","sourceQueueArns":["a"]}'),
        ("RedriveAllowPolicy", json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": ["a"] * 11})),
    ],
)
async def test_a_value_is_one_that_aws_takes(sqs: Sqs, name: str, wrong: str) -> None:
    url = await sqs.queue("orders.fifo")

    assert await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes={name: wrong}) == invalid_value(
        f"Invalid value for the parameter {name}."
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FifoQueue", "false", "Unknown Attribute FifoQueue."),
        ("ContentBasedDeduplication", "true", "Unknown Attribute ContentBasedDeduplication."),
        (
            "DeduplicationScope",
            "queue",
            "You can specify the DeduplicationScope only when FifoQueue is set to true.",
        ),
        (
            "FifoThroughputLimit",
            "perQueue",
            "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
        ),
    ],
)
async def test_a_standard_queue_takes_no_attribute_of_fifo_queues(
    sqs: Sqs, name: str, value: str, message: str
) -> None:
    attributes = {name: value}
    assert await sqs.refusal("CreateQueue", QueueName="orders", Attributes=attributes) == invalid_name(
        message
    )
    url = await sqs.queue("orders")
    assert await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes=attributes) == invalid_name(
        message
    )


async def test_the_type_of_a_queue_cannot_be_changed(sqs: Sqs) -> None:
    standard, fifo = await sqs.queue("orders"), await sqs.queue("orders.fifo")

    assert await sqs.refusal(
        "SetQueueAttributes", QueueUrl=standard, Attributes={"FifoQueue": "true"}
    ) == invalid_name("Unknown Attribute FifoQueue.")
    assert await sqs.refusal(
        "SetQueueAttributes", QueueUrl=fifo, Attributes={"FifoQueue": "false"}
    ) == invalid_value(
        "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
    )


async def test_an_attribute_that_is_not_known_or_cannot_be_set_is_refused(sqs: Sqs) -> None:
    url = await sqs.queue("orders")

    for name in ("QueueArn", "CreatedTimestamp", "ApproximateNumberOfMessages", "All", "delaySeconds"):
        assert await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes={name: "1"}) == invalid_name(
            f"Unknown Attribute {name}."
        )
    assert await sqs.refusal("GetQueueAttributes", QueueUrl=url, AttributeNames=["Size"]) == invalid_name(
        "Unknown Attribute Size."
    )


async def test_throughput_by_group_needs_deduplication_by_group(sqs: Sqs) -> None:
    url = await sqs.queue("orders.fifo")
    by_group = {"FifoThroughputLimit": "perMessageGroupId"}

    refusal = await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes=by_group)
    assert refusal.code == "InvalidAttributeValue"
    both = by_group | {"DeduplicationScope": "messageGroup"}
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes=both)
    assert await sqs.attributes(url, *both) == both


async def test_a_kms_key_takes_the_place_of_sqss_own_keys(sqs: Sqs) -> None:
    url = await sqs.queue("orders", KmsMasterKeyId="alias/mine")
    names = ("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled")

    assert await sqs.attributes(url, *names) == {
        "KmsMasterKeyId": "alias/mine",
        "KmsDataKeyReusePeriodSeconds": "300",
        "SqsManagedSseEnabled": "false",
    }
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    assert await sqs.attributes(url, *names) == {"SqsManagedSseEnabled": "true"}


async def test_two_kinds_of_encryption_exclude_one_another(sqs: Sqs) -> None:
    both = {"KmsMasterKeyId": "alias/mine", "SqsManagedSseEnabled": "true"}

    assert await sqs.refusal("CreateQueue", QueueName="orders", Attributes=both) == invalid_name(
        "You can use one type of server-side encryption (SSE) at one time. "
        "You can either enable KMS SSE or SQS SSE."
    )


async def test_the_time_of_the_last_change_follows_each_change(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    sqs.engine.advance(90.7)
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"DelaySeconds": "1"})

    assert await sqs.attributes(url, "CreatedTimestamp", "LastModifiedTimestamp") == {
        "CreatedTimestamp": "1700000000",
        "LastModifiedTimestamp": "1700000090",
    }


async def test_the_three_counts_are_exact(sqs: Sqs) -> None:
    url = await sqs.queue("orders")
    for delay in (0, 0, 0, 60, 60):
        await sqs.send(url, DelaySeconds=delay)
    await sqs.receive(url, MaxNumberOfMessages=1)
    names = [name for name in DEFAULTS if name.startswith("Approximate")]

    assert [(await sqs.attributes(url))[name] for name in names] == ["2", "1", "2"]
    sqs.engine.advance(60)
    assert [(await sqs.attributes(url))[name] for name in names] == ["5", "0", "0"]


async def test_a_policy_is_kept_as_it_was_written_and_dropped_by_an_empty_one(sqs: Sqs) -> None:
    policy = '{ "Version": "2012-10-17", "Statement": [] }'
    url = await sqs.queue("orders", Policy=policy)

    assert await sqs.attributes(url, "Policy") == {"Policy": policy}
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"Policy": ""})
    assert await sqs.attributes(url, "Policy") == {}


async def test_a_fifo_delay_that_is_set_anew_reaches_messages_already_there(sqs: Sqs) -> None:
    standard, fifo = await sqs.queue("q", DelaySeconds="60"), await sqs.queue("q.fifo", DelaySeconds="60")
    await sqs.send(standard)
    await sqs.send(fifo, MessageGroupId="g", MessageDeduplicationId="1")
    sqs.engine.advance(5)
    for url in (standard, fifo):
        await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"DelaySeconds": "5"})

    assert len(await sqs.receive(fifo)) == 1
    assert await sqs.receive(standard) == []


async def test_a_redrive_policy_is_read_back(sqs: Sqs) -> None:
    arn = await sqs.arn(await sqs.queue("dead"))
    url = await sqs.queue(
        "orders", RedrivePolicy=json.dumps({"maxReceiveCount": "3", "deadLetterTargetArn": arn})
    )

    written = (await sqs.attributes(url, "RedrivePolicy"))["RedrivePolicy"]
    assert json.loads(written) == {"deadLetterTargetArn": arn, "maxReceiveCount": 3}
    await sqs.call("SetQueueAttributes", QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert await sqs.attributes(url, "RedrivePolicy") == {}


ARN = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("no JSON", "Redrive policy is not a valid JSON map."),
        ("[1]", "Redrive policy is not a valid JSON map."),
        (
            f'{{"deadLetterTargetArn":"{ARN}dead"}}',
            "Redrive policy does not contain mandatory attribute: maxReceiveCount.",
        ),
        (
            '{"maxReceiveCount":3}',
            "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}dead","maxReceiveCount":0}}',
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}dead","maxReceiveCount":1001}}',
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}nothing","maxReceiveCount":3}}',
            "Dead letter target does not exist.",
        ),
        (
            f'{{"deadLetterTargetArn":"{ARN}dead.fifo","maxReceiveCount":3}}',
            "Dead-letter queue must be same type of queue as the source.",
        ),
        (
            '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead","maxReceiveCount":3}',
            "Dead letter target owner should be same as the source.",
        ),
    ],
)
async def test_a_redrive_policy_names_a_queue_that_fits(
    sqs: Sqs, client: MakeSqs, policy: str, reason: str
) -> None:
    for name in ("dead", "dead.fifo"):
        await sqs.queue(name)
    await client(region="eu-west-1").queue("dead")
    refusal = Refused(
        400,
        "InvalidParameterValue",
        f"Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}",
    )

    attributes = {"RedrivePolicy": policy}
    assert await sqs.refusal("CreateQueue", QueueName="orders", Attributes=attributes) == refusal
    url = await sqs.queue("orders")
    assert await sqs.refusal("SetQueueAttributes", QueueUrl=url, Attributes=attributes) == refusal


@pytest.mark.parametrize(
    ("allow", "admitted"),
    [
        ({"redrivePermission": "allowAll"}, True),
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}orders"]}, True),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}invoices"]}, False),
    ],
)
async def test_a_dead_letter_queue_admits_the_sources_it_allows(
    sqs: Sqs, allow: dict[str, object], *, admitted: bool
) -> None:
    dead = await sqs.queue("dead", RedriveAllowPolicy=json.dumps(allow))
    policy = json.dumps({"deadLetterTargetArn": await sqs.arn(dead), "maxReceiveCount": 1})
    written = (await sqs.attributes(dead, "RedriveAllowPolicy"))["RedriveAllowPolicy"]

    assert json.loads(written) == allow
    if admitted:
        await sqs.queue("orders", RedrivePolicy=policy)
    else:
        refusal = await sqs.refusal("CreateQueue", QueueName="orders", Attributes={"RedrivePolicy": policy})
        assert refusal.code == "InvalidParameterValue"
        assert "RedriveAllowPolicy" in refusal.message


@pytest.mark.parametrize("permission", [["byQueue"], {"byQueue": 1}, None, 5])
async def test_a_redrive_permission_is_a_text(sqs: Sqs, permission: object) -> None:
    attributes = {"RedriveAllowPolicy": json.dumps({"redrivePermission": permission})}

    assert await sqs.refusal("CreateQueue", QueueName="orders", Attributes=attributes) == invalid_value(
        "Invalid value for the parameter RedriveAllowPolicy."
    )


async def test_a_queue_whose_dead_letter_queue_is_gone_can_still_be_configured(sqs: Sqs) -> None:
    source, dead = await sqs.dead_letter_pair()
    await sqs.call("DeleteQueue", QueueUrl=dead)

    await sqs.call("SetQueueAttributes", QueueUrl=source, Attributes={"DelaySeconds": "1"})
