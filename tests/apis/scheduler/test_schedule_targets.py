"""What schedules invoke: templated targets, universal ones, and the requests that leave for elsewhere."""

import json
from typing import Any

import pytest

from tests.apis.scheduler.conftest import ACCOUNT, ARN, ROLE, World, refusal

SCHEDULE_ARN = ARN("scheduler", "schedule/default/s")
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:{}:{}".format


def fire(world: World, arn: str, **target: Any) -> None:
    """Make a schedule that fires once, and let it."""
    world.schedule("at(2026-01-01T10:30:00)", target={"Arn": arn, **target})
    world.to("2026-01-01T10:30:00Z")


def request_of(world: World, arn: str, **target: Any) -> tuple[str, Any]:
    """Return the service and the request that left for elsewhere."""
    fire(world, arn, **target)
    (captured,) = world.emulator.outbox()
    assert (captured.source, captured.target) == (SCHEDULE_ARN, arn)
    return captured.service, json.loads(captured.payload)


# Templated targets that are here


def test_a_queue_gets_the_input_as_it_is(world: World) -> None:
    world.queue()

    fire(world, ARN("sqs", "q"), Input="not: json")

    assert world.bodies() == ["not: json"]


def test_a_target_without_an_input_gets_a_notification(world: World) -> None:
    world.queue()

    fire(world, ARN("sqs", "q"))

    notification = json.loads(world.bodies()[0])
    assert len(notification.pop("id")) == 36
    assert notification == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": "2026-01-01T10:30:00Z",
        "region": "us-east-1",
        "resources": [SCHEDULE_ARN],
        "detail": "{}",
    }


def test_a_fifo_queue_gets_the_message_in_its_group(world: World) -> None:
    world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    arn = ARN("sqs", "q.fifo")

    fire(world, arn, Input="x", SqsParameters={"MessageGroupId": "g"})

    found = world.sqs.receive_message(
        QueueUrl=world.url("q.fifo"), MessageSystemAttributeNames=["MessageGroupId"]
    )
    assert [(one["Body"], one["Attributes"]) for one in found["Messages"]] == [("x", {"MessageGroupId": "g"})]


def test_a_topic_publishes_the_input(world: World) -> None:
    sns = world.client("sns")
    sns.subscribe(
        TopicArn=sns.create_topic(Name="t")["TopicArn"],
        Protocol="sqs",
        Endpoint=world.queue(),
        Attributes={"RawMessageDelivery": "true"},
    )

    fire(world, ARN("sns", "t"), Input="news")

    assert world.bodies() == ["news"]


def test_a_topic_with_many_subscribers_publishes_to_all_of_them_at_once(world: World) -> None:
    sns = world.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    for number in range(300):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=world.queue(f"q{number}"))

    fire(world, topic, Input="news")

    assert {queue.ready for queue in world.emulator.look("queues")} == {1}


def test_a_bus_gets_an_event_with_the_input_as_its_detail(world: World) -> None:
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"], "detail-type": ["closing"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": world.queue(), "InputPath": "$.detail"}])

    fire(
        world,
        ARN("events", "event-bus/default"),
        Input='{"hour": 18}',
        EventBridgeParameters={"Source": "shop", "DetailType": "closing"},
    )

    assert world.bodies() == ['{"hour":18}']


def test_a_function_is_invoked_with_the_input(world: World) -> None:
    events: list[Any] = []
    world.emulator.on_lambda("nightly", lambda event, _context: events.append(event))

    fire(world, ARN("lambda", "function:nightly"), Input='{"n": 1}')

    assert events == [{"n": 1}]


def test_a_function_that_is_nowhere_leaves_its_payload_in_the_outbox(world: World) -> None:
    fire(world, ARN("lambda", "function:nowhere:live"), Input='{"n": 1}')

    (captured,) = world.emulator.outbox()
    assert (captured.service, captured.target, captured.payload) == (
        "lambda",
        ARN("lambda", "function:nowhere:live"),
        '{"n": 1}',
    )


# Templated targets elsewhere


def test_a_state_machine_is_started(world: World) -> None:
    arn = ARN("states", "stateMachine:m")

    assert request_of(world, arn, Input='{"n": 1}') == ("sfn", {"StateMachineArn": arn, "Input": '{"n": 1}'})


def test_a_stream_gets_a_record(world: World) -> None:
    arn = ARN("kinesis", "stream/s")

    assert request_of(world, arn, Input="x", KinesisParameters={"PartitionKey": "k"}) == (
        "kinesis",
        {"StreamARN": arn, "Data": "x", "PartitionKey": "k"},
    )


def test_a_delivery_stream_gets_a_record(world: World) -> None:
    assert request_of(world, ARN("firehose", "deliverystream/d"), Input="x") == (
        "firehose",
        {"DeliveryStreamName": "d", "Record": {"Data": "x"}},
    )


def test_a_task_is_run_with_its_parameters_and_overrides(world: World) -> None:
    arn, task = ARN("ecs", "cluster/c"), ARN("ecs", "task-definition/t:1")
    parameters = {
        "TaskDefinitionArn": task,
        "TaskCount": 2,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"], "AssignPublicIp": "ENABLED"}},
        "CapacityProviderStrategy": [{"capacityProvider": "p", "weight": 1}],
        "PlacementConstraints": [{"type": "memberOf", "expression": "e"}],
        "Tags": [{"key": "k", "value": "v"}],
    }

    service, request = request_of(world, arn, Input='{"cpu": "256"}', EcsParameters=parameters)

    assert service == "ecs"
    assert request == {
        "Cluster": arn,
        "TaskDefinition": task,
        "Count": 2,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"], "AssignPublicIp": "ENABLED"}},
        "CapacityProviderStrategy": [{"CapacityProvider": "p", "Weight": 1}],
        "PlacementConstraints": [{"Type": "memberOf", "Expression": "e"}],
        "Tags": [{"Key": "k", "Value": "v"}],
        "Overrides": {"cpu": "256"},
    }


def test_a_task_without_overrides_runs_as_it_is(world: World) -> None:
    arn, task = ARN("ecs", "cluster/c"), ARN("ecs", "task-definition/t:1")

    assert request_of(world, arn, EcsParameters={"TaskDefinitionArn": task}) == (
        "ecs",
        {"Cluster": arn, "TaskDefinition": task, "Count": 1},
    )


def test_a_build_is_started_with_the_input_as_overrides(world: World) -> None:
    assert request_of(world, ARN("codebuild", "project/p"), Input='{"SourceVersion": "main"}') == (
        "codebuild",
        {"ProjectName": "p", "SourceVersion": "main"},
    )


@pytest.mark.parametrize(
    ("arn", "service", "request_"),
    [
        (ARN("codepipeline", "release"), "codepipeline", {"Name": "release"}),
        (
            ARN("inspector", "target/0-a/template/0-b"),
            "inspector",
            {"AssessmentTemplateArn": ARN("inspector", "target/0-a/template/0-b")},
        ),
        (ARN("sagemaker", "pipeline/p"), "sagemaker", {"PipelineName": "p"}),
    ],
)
def test_what_takes_no_input_is_started(world: World, arn: str, service: str, request_: Any) -> None:
    assert request_of(world, arn) == (service, request_)


def test_a_sagemaker_pipeline_gets_its_parameters(world: World) -> None:
    parameters = [{"Name": "n", "Value": "v"}]

    _, request = request_of(
        world,
        ARN("sagemaker", "pipeline/p"),
        SageMakerPipelineParameters={"PipelineParameterList": parameters},
    )

    assert request == {"PipelineName": "p", "PipelineParameters": parameters}


def test_a_custom_event_bus_gets_an_event_or_raw_data(world: World) -> None:
    buses = world.client("eventbridgev2")
    arn = buses.create_event_bus(Name="b")["EventBusArn"]
    world.emulator.advance(1)

    fire(
        world,
        arn,
        Input='{"n": 1}',
        EventBridgePutEventsV2Parameters={"Source": "shop", "DetailType": "closing"},
    )
    world.scheduler.delete_schedule(Name="s")
    fire(world, arn, Input='{"n": 2}', EventBridgePutRawEventsParameters={"Metadata": {"k": "v"}})

    first, second = world.emulator.log("b")
    assert (first.data["source"], first.data["detail-type"], first.data["detail"]) == (
        "shop",
        "closing",
        {"n": 1},
    )
    assert (second.data, second.metadata, second.content_type) == ({"n": 2}, {"k": "v"}, "application/json")


# Universal targets


def test_any_operation_that_is_served_is_called(world: World) -> None:
    fire(
        world,
        UNIVERSAL("sqs", "createQueue"),
        Input='{"QueueName": "made", "Attributes": {"DelaySeconds": "7"}}',
    )

    url = world.sqs.get_queue_url(QueueName="made")["QueueUrl"]
    found = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert found["Attributes"] == {"DelaySeconds": "7"}


@pytest.mark.parametrize(
    ("service", "action", "request_"),
    [
        ("sqs", "sendMessage", {"QueueUrl": f"http://localhost:4566/{ACCOUNT}/q", "MessageBody": "x"}),
        ("sns", "publish", {"TopicArn": ARN("sns", "t"), "Message": "x"}),
        (
            "eventbridge",
            "putEvents",
            {"Entries": [{"Source": "shop", "DetailType": "d", "Detail": '{"x": 1}'}]},
        ),
    ],
)
def test_each_service_takes_what_its_clients_send(
    world: World, service: str, action: str, request_: Any
) -> None:
    queue = world.queue()
    sns, events = world.client("sns"), world.client("events")
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(
        TopicArn=sns.create_topic(Name="t")["TopicArn"], Protocol="sqs", Endpoint=queue, Attributes=raw
    )
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": queue, "Input": '"x"'}])

    fire(world, UNIVERSAL(service, action), Input=json.dumps(request_))

    assert [body.strip('"') for body in world.bodies()] == ["x"]


def test_a_schedule_may_delete_another_or_itself(world: World) -> None:
    fire(world, UNIVERSAL("scheduler", "deleteSchedule"), Input='{"Name": "s"}')

    assert world.emulator.look("schedules") == []


def test_an_operation_of_another_service_leaves_its_request_in_the_outbox(world: World) -> None:
    request = {"TableName": "t", "Item": {"pk": {"S": "<aws.scheduler.schedule-arn>"}}}

    assert request_of(world, UNIVERSAL("dynamodb", "putItem"), Input=json.dumps(request)) == (
        "dynamodb",
        {"TableName": "t", "Item": {"pk": {"S": SCHEDULE_ARN}}},
    )


def test_context_attributes_are_put_in_their_places(world: World) -> None:
    world.queue()
    names = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number", "unknown")

    fire(world, ARN("sqs", "q"), Input=" ".join(f"<aws.scheduler.{name}>" for name in names))

    arn, time, execution, attempt, unknown = world.bodies()[0].split(" ")
    assert (arn, time, attempt, unknown) == (
        SCHEDULE_ARN,
        "2026-01-01T10:30:00Z",
        "1",
        "<aws.scheduler.unknown>",
    )
    assert len(execution) == 16
    (fired,) = world.emulator.trace(verb="fired")
    assert fired.subject == execution


# What is refused


def why_not(world: World, arn: str, **target: Any) -> str:
    code, status, text = refusal(
        world.schedule, expression="rate(1 day)", target={"Arn": arn, "RoleArn": ROLE, **target}
    )
    assert (code, status) == ("ValidationException", 400)
    return text


@pytest.mark.parametrize("arn", ["q", "arn:aws:sqs", "arn:aws:sqs:us-east-1:000000000000:"])
def test_what_is_no_arn_is_refused(world: World, arn: str) -> None:
    assert why_not(world, arn) == "Provided Arn is not in correct format."


def test_a_service_without_a_template_is_refused(world: World) -> None:
    assert why_not(world, ARN("dynamodb", "table/t")) == (
        "Invalid request provided: dynamodb is not a supported service for a target"
    )


@pytest.mark.parametrize(
    ("arn", "target"),
    [
        (ARN("sqs", "q"), {"KinesisParameters": {"PartitionKey": "k"}}),
        (
            UNIVERSAL("sqs", "purgeQueue"),
            {"SqsParameters": {"MessageGroupId": "g"}, "Input": '{"QueueUrl": "q"}'},
        ),
        (ARN("sqs", "q.fifo"), {}),
        (ARN("kinesis", "stream/s"), {}),
        (ARN("ecs", "cluster/c"), {}),
        (ARN("events", "event-bus/default"), {}),
        (
            "arn:aws:events:eu-west-1:000000000000:event-bus/default",
            {"EventBridgeParameters": {"Source": "s", "DetailType": "d"}},
        ),
        (ARN("lambda", "function:f"), {"Input": "not json"}),
        (ARN("states", "stateMachine:m"), {"Input": "{"}),
        (ARN("sqs", "q"), {"Input": "x" * 262_145}),
        (UNIVERSAL("sqs", "receiveMessage"), {"Input": '{"QueueUrl": "q"}'}),
        (UNIVERSAL("sqs", "brewCoffee"), {}),
        (UNIVERSAL("dynamodb", "getItem"), {}),
        (UNIVERSAL("sqs", "sendMessage"), {"Input": "[]"}),
        (UNIVERSAL("dynamodb", "putItem"), {"Input": "text"}),
    ],
)
def test_a_target_that_cannot_be_invoked_is_refused(world: World, arn: str, target: dict[str, Any]) -> None:
    assert why_not(world, arn, **target)


def test_a_request_that_lacks_what_the_api_needs_is_refused_in_the_words_of_aws(world: World) -> None:
    assert why_not(world, UNIVERSAL("sqs", "sendMessage"), Input='{"DelaySeconds": 1}') == (
        "Invalid RequestJson provided. Reason Request payload is missing the following field(s): "
        "QueueUrl, MessageBody."
    )


@pytest.mark.parametrize("arn", [ARN("sqs", "dead.fifo"), ARN("sns", "dead")])
def test_a_dead_letter_queue_is_a_standard_queue(world: World, arn: str) -> None:
    text = why_not(world, ARN("sqs", "q"), DeadLetterConfig={"Arn": arn})

    assert "at 'target.deadLetterConfig.arn' failed to satisfy constraint" in text


def test_a_source_of_aws_itself_is_refused(world: World) -> None:
    parameters = {"Source": "aws.shop", "DetailType": "d"}

    text = why_not(world, ARN("events", "event-bus/default"), EventBridgeParameters=parameters)

    assert "at 'target.eventBridgeParameters.source' failed to satisfy constraint" in text
