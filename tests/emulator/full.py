"""Fills an emulator with something of everything, always in the same way."""

import json
from typing import Any

from pocketbus import Emulator

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
NEW_YEAR = "2026-01-01T00:00:00Z"


def fill(emulator: Emulator) -> None:
    emulator.freeze()
    emulator.set(NEW_YEAR)
    _fill_queues(emulator.client("sqs"))
    _fill_topics(emulator.client("sns"))
    _fill_buses(emulator.client("events"))
    _fill_schedules(emulator.client("scheduler"))
    _fill_functions(emulator.client("lambda"))
    _fill_pipes(emulator)


def _fill_queues(sqs: Any) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead"), "maxReceiveCount": 2})
    orders = sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": policy}, tags={"team": "a"})
    fifo = sqs.create_queue(
        QueueName="orders.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    )
    binary = {"photo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    for number in range(4):
        body, group = f"message {number}", f"group-{number % 2}"
        sqs.send_message(
            QueueUrl=orders["QueueUrl"], MessageBody=body, MessageAttributes=binary, MessageGroupId=group
        )
        sqs.send_message(QueueUrl=fifo["QueueUrl"], MessageBody=body, MessageGroupId=group)
    sqs.send_message(QueueUrl=orders["QueueUrl"], MessageBody="later", DelaySeconds=60)
    sqs.receive_message(QueueUrl=orders["QueueUrl"])
    sqs.receive_message(QueueUrl=fifo["QueueUrl"], ReceiveRequestAttemptId="attempt")
    sqs.add_permission(QueueUrl=dead, Label="send", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=dead, MessageBody=body)
    sqs.start_message_move_task(
        SourceArn=ARN("sqs", "dead"), DestinationArn=ARN("sqs", "orders"), MaxNumberOfMessagesPerSecond=1
    )


def _fill_topics(sns: Any) -> None:
    news = sns.create_topic(
        Name="news",
        Attributes={"DeliveryPolicy": '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 5}}}'},
    )["TopicArn"]
    redrive = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead")})
    sns.subscribe(
        TopicArn=news, Protocol="sqs", Endpoint=ARN("sqs", "orders"), Attributes={"RedrivePolicy": redrive}
    )
    sns.subscribe(
        TopicArn=news,
        Protocol="sqs",
        Endpoint=ARN("sqs", "dead"),
        Attributes={"FilterPolicy": '{"color": ["red"]}', "RawMessageDelivery": "true"},
    )
    sns.subscribe(TopicArn=news, Protocol="email", Endpoint="ada@example.com")
    red = {"color": {"DataType": "String", "StringValue": "red"}}
    sns.publish(TopicArn=news, Message="hello", MessageAttributes=red)
    fifo = sns.create_topic(
        Name="news.fifo",
        Attributes={
            "FifoTopic": "true",
            "ContentBasedDeduplication": "true",
            "ArchivePolicy": '{"MessageRetentionPeriod":"30"}',
        },
    )["TopicArn"]
    sns.publish(TopicArn=fifo, Message="hello", MessageGroupId="group")
    application = sns.create_platform_application(
        Name="phone", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token")
    sns.publish(TargetArn=endpoint["EndpointArn"], Message="push")
    sns.publish(PhoneNumber="+15550100", Message="text")
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Transactional"})
    sns.create_sms_sandbox_phone_number(PhoneNumber="+15550101")


def _fill_buses(events: Any) -> None:
    events.create_event_bus(Name="shop", LogConfig={"Level": "TRACE", "IncludeDetail": "FULL"})
    events.put_permission(
        EventBusName="shop", Action="events:PutEvents", Principal="111111111111", StatementId="s"
    )
    events.put_rule(Name="from-shop", EventPattern='{"source": ["shop"]}')
    transformer = {"InputPathsMap": {"order": "$.detail.order"}, "InputTemplate": '{"id": <order>}'}
    targets = [
        {"Id": "queue", "Arn": ARN("sqs", "orders"), "InputTransformer": transformer},
        {"Id": "log", "Arn": ARN("logs", "log-group:/shop")},
    ]
    events.put_targets(Rule="from-shop", Targets=targets)
    events.put_rule(Name="monthly", ScheduleExpression="cron(0 12 1 * ? *)")
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    for rule in ("monthly", "hourly"):
        events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": ARN("sqs", "dead")}])
    events.create_archive(ArchiveName="all", EventSourceArn=ARN("events", "event-bus/default"))
    entry = {"Source": "shop", "DetailType": "order.placed", "Detail": '{"order": 7}'}
    events.put_events(Entries=[entry, entry | {"EventBusName": "shop"}])
    events.start_replay(
        ReplayName="again",
        EventSourceArn=ARN("events", "archive/all"),
        EventStartTime=0,
        EventEndTime=2_000_000_000,
        Destination={"Arn": ARN("events", "event-bus/default")},
    )
    connection = events.create_connection(
        Name="partner",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "secret"}},
    )["ConnectionArn"]
    events.create_api_destination(
        Name="partner",
        ConnectionArn=connection,
        InvocationEndpoint="http://127.0.0.1:9/",
        HttpMethod="POST",
    )
    events.create_partner_event_source(Name="aws.partner/example.com/shop", Account="000000000000")


def _fill_schedules(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="nightly", Tags=[{"Key": "team", "Value": "a"}], ClientToken="token")
    target = {
        "Arn": ARN("sqs", "orders"),
        "RoleArn": "arn:aws:iam::000000000000:role/scheduler",
        "Input": "<aws.scheduler.scheduled-time>",
        "DeadLetterConfig": {"Arn": ARN("sqs", "dead")},
    }
    for name, expression, minutes in (
        ("rate", "rate(7 minutes)", None),
        ("cron", "cron(0 9 * * ? *)", 15),
        ("once", "at(2026-01-02T03:04:05)", 1440),
    ):
        window = (
            {"Mode": "OFF"} if minutes is None else {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes}
        )
        scheduler.create_schedule(
            Name=name,
            GroupName="nightly",
            ScheduleExpression=expression,
            ScheduleExpressionTimezone="Europe/Berlin",
            FlexibleTimeWindow=window,
            Target=target,
            ClientToken=name,
        )


def _fill_functions(functions: Any) -> None:
    functions.create_function(
        FunctionName="orders",
        Role="arn:aws:iam::000000000000:role/function",
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": b"zip"},
        Timeout=20,
        Publish=True,
        Tags={"team": "a"},
        DeadLetterConfig={"TargetArn": ARN("sqs", "dead")},
    )
    functions.create_alias(
        FunctionName="orders", Name="live", FunctionVersion="1", Description="what customers use"
    )
    functions.add_permission(
        FunctionName="orders",
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    functions.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=1)
    functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=5)
    functions.create_event_source_mapping(
        FunctionName="orders:live",
        EventSourceArn=ARN("sqs", "dead"),
        BatchSize=20,
        MaximumBatchingWindowInSeconds=5,
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"order": [7]}}'}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 3},
        Tags={"team": "a"},
    )


def _fill_pipes(emulator: Emulator) -> None:
    pipes = emulator.client("pipes")
    pipes.create_pipe(
        Name="orders",
        Source=ARN("sqs", "orders.fifo"),
        SourceParameters={
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"order": [7]}}'}]},
            "SqsQueueParameters": {"BatchSize": 1},
        },
        Enrichment=ARN("events", "api-destination/partner/0"),
        EnrichmentParameters={"HttpParameters": {"PathParameterValues": ["$.messageId"]}},
        Target=ARN("events", "event-bus/shop"),
        TargetParameters={
            "InputTemplate": '{"order": <$.body.order>}',
            "EventBridgeEventBusParameters": {"Source": "orders", "Time": "$.body.at"},
        },
        RoleArn="arn:aws:iam::000000000000:role/pipe",
        LogConfiguration={
            "Level": "INFO",
            "CloudwatchLogsLogDestination": {"LogGroupArn": ARN("logs", "log-group:/pipes")},
        },
        DesiredState="STOPPED",
        Tags={"team": "a"},
    )
    pipes.create_pipe(
        Name="changes",
        Source=ARN("kinesis", "stream/changes"),
        SourceParameters={
            "KinesisStreamParameters": {
                "StartingPosition": "LATEST",
                "MaximumBatchingWindowInSeconds": 300,
                "DeadLetterConfig": {"Arn": ARN("sqs", "dead")},
            }
        },
        Target=ARN("lambda", "function:orders"),
        RoleArn="arn:aws:iam::000000000000:role/pipe",
    )
    emulator.feed("changes", [{"eventID": "1", "data": "e30="}])
