"""What becomes of a pipe's events: enrichments, templates, targets, and failures of each kind."""

import json
from typing import Any

import pytest

from tests.apis.awslambda.conftest import ARN, START, report
from tests.apis.pipes.conftest import PIPE, SOURCE, TARGET, Api, World

FUNCTION = ARN("lambda", "function:orders")
LOG_GROUP = ARN("logs", "log-group:/pipes")
STATE_MACHINE = ARN("states", "stateMachine:machine")
GATEWAY = ARN("execute-api", "abc123/prod/POST/orders/*")


def one_at_a_time(**more: Any) -> dict[str, Any]:
    return {"SqsQueueParameters": {"BatchSize": 1}, **more}


def bodies(events: list[Any]) -> list[Any]:
    return [[one["body"] for one in event] for event in events]


def test_a_pipes_life(world: World) -> None:
    """From a FIFO queue through a filter and an enrichment to a bus: one order fails, holds its group, and passes."""
    world.queue("orders.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="30")
    events = world.client("events")
    events.put_rule(
        Name="priced", EventPattern='{"source": ["shop"], "detail": {"price": [{"exists": true}]}}'
    )
    events.put_targets(Rule="priced", Targets=[{"Id": "t", "Arn": TARGET, "InputPath": "$.detail"}])
    prices = {"book": 5, "pen": 1, "ink": 2}
    world.run()
    world.answers = [lambda event: [{**one, "price": prices[one["item"]]} for one in event]]
    world.pipe(
        Source=ARN("sqs", "orders.fifo"),
        SourceParameters=one_at_a_time(
            FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}
        ),
        Enrichment=FUNCTION,
        EnrichmentParameters={"InputTemplate": '{"messageId": <$.messageId>, "item": <$.body.item>}'},
        Target=ARN("events", "event-bus/default"),
        TargetParameters={
            "InputTemplate": '{"item": <$.item>, "price": <$.price>, "pipe": <aws.pipes.pipe-name>}',
            "EventBridgeEventBusParameters": {"Source": "shop", "DetailType": "priced"},
        },
    )

    def order(item: str, group: str, kind: str = "order") -> str:
        (message_id,) = world.put({"kind": kind, "item": item}, queue="orders.fifo", MessageGroupId=group)
        return message_id

    order("nothing", "a", kind="note")
    order("book", "a")
    failing = order("lamp", "b")
    order("pen", "b")
    order("ink", "c")
    assert [one["item"] for one in world.records()] == ["book", "ink"]

    prices["lamp"] = 20
    world.advance(30)

    assert world.records() == [
        {"item": item, "price": price, "pipe": "p"}
        for item, price in (("book", 5), ("ink", 2), ("lamp", 20), ("pen", 1))
    ]
    assert world.held("orders.fifo") == []
    story = [record.verb for record in world.emulator.trace(failing)]
    assert story == [
        *("sent", "received", "piped", "invoked", "failed", "failed", "returned"),
        *("received", "piped", "invoked", "succeeded", "enriched"),
        *("accepted", "matched", "sent", "delivered", "delivered", "deleted"),
    ]


# Templates


@pytest.mark.parametrize(
    ("template", "body", "arrives"),
    [
        ("<$.body>", {"n": 1.50}, '{"n":1.5}'),
        ("<$.body>", "plain", "plain"),
        ('{"id": <$.messageId>}', "x", '{"id":"ID"}'),
        ('{"text": "is <$.body>"}', 'a "quote"', '{"text":"is a \\"quote\\""}'),
        ('{"none": <$.body.none>, "text": "<$.body.none>"}', {}, '{"none":"","text":""}'),
        ('["<aws.pipes.pipe-name>", <aws.pipes.pipe-arn>]', "x", f'["p","{PIPE}"]'),
        (
            "<aws.pipes.source-arn> to <aws.pipes.target-arn>, not <aws.pipes.enrichment-arn>",
            "x",
            f"{SOURCE} to {TARGET}, not ",
        ),
        ("at <aws.pipes.event.ingestion-time>", "x", "at 2026-01-01T00:00:01.000Z"),
        ('{"body": <$.body.list[1]>, "all": <$.body.list[*]>}', {"list": [1, 2]}, '{"body":2,"all":[1,2]}'),
        ('"Order <$.body.n>"', {"n": 7}, '"Order 7"'),
    ],
)
def test_a_template_makes_the_text_that_arrives(world: World, template: str, body: Any, arrives: str) -> None:
    world.pipe(TargetParameters={"InputTemplate": template})

    (message_id,) = world.put(body)

    assert world.held("target") == [arrives.replace("ID", message_id)]


def test_the_whole_event_can_stand_in_a_template(world: World) -> None:
    template = '{"event": <aws.pipes.event.json>, "text": "<aws.pipes.event>"}'
    world.pipe(TargetParameters={"InputTemplate": template})

    world.put({"n": 1})

    (made,) = world.records()
    assert made["event"]["body"] == {"n": 1}
    assert json.loads(made["text"])["body"] == '{"n": 1}'


def test_a_template_that_makes_no_json_for_a_function_fails_the_batch(world: World) -> None:
    world.run()
    world.pipe(Target=FUNCTION, TargetParameters={"InputTemplate": "<$.body>"})

    (message_id,) = world.put("plain")

    assert (world.events, world.held("source")) == ([], ["plain"])
    (failed,) = world.emulator.trace(message_id, verb="failed")
    assert failed.why == "the input template makes no JSON of an event"


# Enrichment


def test_an_enrichment_gets_the_batch_and_its_answer_is_what_the_target_gets(world: World) -> None:
    world.run()
    world.answers = [lambda event: [{"n": one["n"] + 1} for one in event]]
    world.pipe(
        Enrichment=FUNCTION,
        EnrichmentParameters={"InputTemplate": '{"n": <$.body.n>}'},
        TargetParameters={"InputTemplate": '{"got": <$.n>, "by": <aws.pipes.enrichment-arn>}'},
    )

    world.put({"n": 1}, {"n": 2})

    assert world.events[0] == [{"n": 1}]
    assert world.records() == [{"got": 2, "by": FUNCTION}, {"got": 3, "by": FUNCTION}]


@pytest.mark.parametrize("answer", ["", {}, [], None])
def test_an_empty_answer_ends_the_execution_with_success(world: World, answer: Any) -> None:
    world.run()
    world.answers = [answer]
    world.pipe(Enrichment=FUNCTION)

    world.put("x")

    assert (world.held("source"), world.held("target")) == ([], [])


@pytest.mark.parametrize(
    ("answer", "arrives"),
    [([{}], ["{}"]), ({"a": 1}, ['{"a":1}']), ("text", ['"text"']), ([1, 2, 3], ["1", "2", "3"])],
)
def test_an_answer_is_passed_on_whatever_it_is(world: World, answer: Any, arrives: list[str]) -> None:
    world.run()
    world.answers = [answer]
    world.pipe(Enrichment=FUNCTION)

    world.put("x")

    assert world.held("target") == arrives


def test_an_answer_that_is_no_array_reaches_a_function_as_it_is(world: World) -> None:
    world.run("enrich")
    world.answers = [{"a": 1}, None]
    world.run()
    world.pipe(Enrichment=ARN("lambda", "function:enrich"), Target=FUNCTION)

    world.put("x")

    assert world.events[1] == {"a": 1}


def test_more_events_than_the_target_takes_fail_the_batch(world: World) -> None:
    world.run()
    world.answers = [list(range(11))]
    world.pipe(Enrichment=FUNCTION)

    (message_id,) = world.put("x")

    assert (world.held("source"), world.held("target")) == (["x"], [])
    (failed,) = world.emulator.trace(message_id, verb="failed")
    assert failed.why == "the enrichment returned 11 events, the target takes 10"


def test_a_failed_enrichment_fails_the_whole_batch(world: World) -> None:
    world.run()
    world.answers = [RuntimeError("no"), lambda event: event]
    window = {"SqsQueueParameters": {"MaximumBatchingWindowInSeconds": 5}}
    world.pipe(Enrichment=FUNCTION, SourceParameters=window)

    world.put("1", "2")
    world.advance(5)
    assert (world.held("source"), world.held("target")) == (["1", "2"], [])
    world.advance(35)

    assert [record["body"] for record in world.records()] == ["1", "2"]


def test_the_story_goes_on_where_an_enrichment_made_something_else_of_the_messages(world: World) -> None:
    world.run()
    world.answers = [["new"]]
    world.pipe(Enrichment=FUNCTION)

    (message_id,) = world.put("x")

    story = [record.verb for record in world.emulator.trace(message_id)]
    assert story == [
        *("sent", "received", "piped", "invoked", "succeeded"),
        *("enriched", "sent", "delivered", "deleted"),
    ]
    (arrived,) = world.emulator.messages("target")
    back = [record.verb for record in world.emulator.trace(arrived.message_id)]
    assert [verb for verb in back if verb in {"piped", "enriched"}] == ["piped", "enriched"]


def test_an_api_enriches_one_event_at_a_time(world: World, api: Api) -> None:
    api.document = {"price": 3}
    arn = world.destination(api, "/prices/*")
    world.pipe(
        Enrichment=arn,
        EnrichmentParameters={
            "InputTemplate": '{"id": <$.body.id>}',
            "HttpParameters": {
                "PathParameterValues": ["$.body.id"],
                "HeaderParameters": {"X-Kind": "$.body.kind"},
                "QueryStringParameters": {"v": "1"},
            },
        },
    )
    assert world.pipes.describe_pipe(Name="p")["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 1

    world.put({"id": "a b", "kind": "book"})

    (asked,) = api.asked
    assert (asked.path, json.loads(asked.body)) == ("/prices/a%20b?v=1", {"id": "a b"})
    assert (asked.headers["x-kind"], asked.headers["x-key"]) == ("book", "k")
    assert world.records() == [{"price": 3}]


def test_an_enrichment_that_is_not_emulated_is_captured_and_the_events_go_on(world: World) -> None:
    world.pipe(Enrichment=STATE_MACHINE, EnrichmentParameters={"InputTemplate": '{"b": <$.body>}'})
    world.pipe("g", Enrichment=GATEWAY, DesiredState="STOPPED")

    world.put("x")

    assert world.captured() == [
        ("sfn", "startSyncExecution", {"stateMachineArn": STATE_MACHINE, "input": '[{"b":"x"}]'})
    ]
    assert [record["body"] for record in world.records()] == ["x"]


# Targets


def test_a_fifo_queue_gets_its_messages_in_the_group_that_a_path_says(world: World) -> None:
    world.queue("line.fifo", FifoQueue="true")
    world.pipe(
        Target=ARN("sqs", "line.fifo"),
        TargetParameters={
            "InputTemplate": "<$.body.text>",
            "SqsQueueParameters": {
                "MessageGroupId": "$.body.group",
                "MessageDeduplicationId": "$.messageId",
            },
        },
    )

    world.put({"group": "g", "text": "hello"})

    (message,) = world.emulator.messages("line.fifo")
    assert (message.body, message.group_id) == ("hello", "g")


def test_only_the_messages_that_the_target_refuses_return(world: World) -> None:
    world.queue("line.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.pipe(
        Target=ARN("sqs", "line.fifo"),
        TargetParameters={"SqsQueueParameters": {"MessageGroupId": "$.body.group"}},
    )

    _, refused = world.put({"group": "g"}, {"none": 1})

    assert world.held("source") == ['{"none": 1}']
    assert len(world.held("line.fifo")) == 1
    (failed,) = world.emulator.trace(refused, verb="failed")
    assert failed.why == "The request must contain the parameter MessageGroupId."


def test_a_queue_that_is_not_there_refuses_all(world: World) -> None:
    world.pipe(Target=ARN("sqs", "none"))

    (message_id,) = world.put("x")

    assert world.held("source") == ["x"]
    assert [one.verb for one in world.emulator.trace(message_id)][-2:] == ["attempted", "failed"]


def test_a_topic_gets_a_publication_of_each(world: World) -> None:
    sns = world.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=TARGET, Attributes={"RawMessageDelivery": "true"})
    world.pipe(Target=topic, TargetParameters={"InputTemplate": "<$.body>"})

    world.put("one", "two")

    assert world.held("target") == ["one", "two"]


def test_a_bus_gets_events_named_after_the_pipe_and_its_source(world: World) -> None:
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["Pipe p"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": TARGET}])
    world.pipe(
        Target=ARN("events", "event-bus/default"), TargetParameters={"InputTemplate": '{"n": <$.body.n>}'}
    )

    world.put({"n": 1})

    (event,) = world.records()
    assert (event["source"], event["detail-type"], event["detail"], event["resources"]) == (
        "Pipe p",
        "Event from aws:sqs",
        {"n": 1},
        [],
    )


def test_the_parameters_of_a_bus_may_be_paths(world: World) -> None:
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": TARGET}])
    world.pipe(
        Target=ARN("events", "event-bus/default"),
        TargetParameters={
            "EventBridgeEventBusParameters": {
                "Source": "$.body.source",
                "DetailType": "$.body.kind",
                "Resources": ["$.body.arn"],
                "Time": "$.attributes.SentTimestamp",
            }
        },
    )

    world.put({"source": "shop", "kind": "order", "arn": SOURCE})

    (event,) = world.records()
    assert (event["source"], event["detail-type"], event["resources"], event["time"]) == (
        "shop",
        "order",
        [SOURCE],
        "2026-01-01T00:00:01Z",
    )


def test_a_detail_that_is_no_object_fails(world: World) -> None:
    world.pipe(Target=ARN("events", "event-bus/default"), TargetParameters={"InputTemplate": "<$.body>"})

    (message_id,) = world.put("plain")

    assert world.held("source") == ["plain"]
    (failed,) = world.emulator.trace(message_id, verb="failed")
    assert failed.why == "Detail is malformed."


def test_a_function_reports_which_messages_it_could_not_handle(world: World) -> None:
    world.run()
    world.answers = [lambda event: report(event[1]["messageId"])]
    window = {"SqsQueueParameters": {"MaximumBatchingWindowInSeconds": 5}}
    world.pipe(Target=FUNCTION, SourceParameters=window)

    world.put("1", "2")
    world.advance(5)

    assert bodies(world.events) == [["1", "2"]]
    assert world.held("source") == ["2"]


@pytest.mark.parametrize("answer", [report("none of them"), {"batchItemFailures": [{}]}, RuntimeError("no")])
def test_a_report_that_makes_no_sense_fails_the_whole_batch(world: World, answer: Any) -> None:
    world.run()
    world.answers = [answer]
    world.pipe(Target=FUNCTION)

    world.put("1")

    assert world.held("source") == ["1"]


def test_a_function_that_is_told_and_forgotten_has_succeeded_when_it_has_the_event(world: World) -> None:
    world.run()
    world.answers = [RuntimeError("no")]
    world.pipe(
        Target=FUNCTION,
        TargetParameters={"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}},
    )

    world.put("1")
    assert world.held("source") == []
    world.advance(200)

    assert bodies(world.events) == [["1"]] * 3


def test_an_api_gets_one_event_at_a_time_and_a_refusal_returns_the_message(world: World, api: Api) -> None:
    api.statuses = [500, 200]
    world.pipe(
        Target=world.destination(api),
        TargetParameters={
            "InputTemplate": '{"n": <$.body.n>}',
            "HttpParameters": {"HeaderParameters": {"X-N": "$.body.n"}},
        },
    )

    (message_id,) = world.put({"n": 1})
    assert world.held("source") == ['{"n": 1}']
    (failed,) = world.emulator.trace(message_id, verb="failed")
    assert failed.why == "HTTP 500"
    world.advance(30)

    assert world.held("source") == []
    assert [(asked.body, asked.headers["x-n"]) for asked in api.asked] == [('{"n":1}', "1")] * 2


def test_an_api_is_called_no_more_often_than_its_destination_allows(world: World, api: Api) -> None:
    world.pipe(Target=world.destination(api, rate=1))

    world.put("1", "2")
    assert len(api.asked) == 1
    world.advance(1)

    assert (len(api.asked), world.held("source")) == (2, [])


def test_a_host_that_is_not_reached_is_tried_again_while_the_message_is_hidden(
    world: World, api: Api
) -> None:
    api.url = "http://127.0.0.1:9"
    world.pipe(Target=world.destination(api))

    (message_id,) = world.put("x")
    world.advance(20)

    attempts = [record.at - START - 1 for record in world.emulator.trace(message_id, verb="attempted")]
    assert attempts == [0, 1, 3, 7, 15]


def test_a_log_group_gets_a_line_of_each_at_the_instant_that_a_path_says(world: World) -> None:
    world.pipe(
        Target=LOG_GROUP,
        TargetParameters={
            "InputTemplate": "<$.body.text>",
            "CloudWatchLogsParameters": {"LogStreamName": "s", "Timestamp": "$.body.at"},
        },
    )

    world.put({"text": "hello", "at": "2026-01-01T00:00:00Z"})

    lines = world.emulator.call(lambda engine: list(engine.log_groups.of(LOG_GROUP).events))
    assert [(line.timestamp, line.message) for line in lines] == [(START * 1000, "hello")]


STREAM = ARN("kinesis", "stream/s")
CLUSTER = ARN("ecs", "cluster/c")
TASK = ARN("ecs", "task-definition/t")
JOBS = ARN("batch", "job-queue/jobs")


@pytest.mark.parametrize(
    ("target", "parameters", "expected"),
    [
        (
            STREAM,
            {"KinesisStreamParameters": {"PartitionKey": "$.body.n"}},
            (
                "kinesis",
                "putRecords",
                {"StreamARN": STREAM, "Records": [{"Data": '{"n":1}', "PartitionKey": "1"}]},
            ),
        ),
        (
            ARN("firehose", "deliverystream/d"),
            {},
            (
                "firehose",
                "putRecordBatch",
                {"DeliveryStreamName": "d", "Records": [{"Data": '{"n":1}'}]},
            ),
        ),
        (
            STATE_MACHINE,
            {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}},
            ("sfn", "startExecution", {"stateMachineArn": STATE_MACHINE, "input": '[{"n":1}]'}),
        ),
        (
            CLUSTER,
            {
                "EcsTaskParameters": {
                    "TaskDefinitionArn": TASK,
                    "LaunchType": "FARGATE",
                    "Overrides": {"ContainerOverrides": [{"Name": "main", "Command": ["$.body.n"]}]},
                }
            },
            (
                "ecs",
                "runTask",
                {
                    "cluster": CLUSTER,
                    "taskDefinition": TASK,
                    "count": 1,
                    "launchType": "FARGATE",
                    "overrides": {"containerOverrides": [{"name": "main", "command": ["1"]}]},
                },
            ),
        ),
        (
            JOBS,
            {
                "BatchJobParameters": {
                    "JobDefinition": "d",
                    "JobName": "j",
                    "ArrayProperties": {"Size": 2},
                    "Parameters": {"Number": "$.body.n"},
                }
            },
            (
                "batch",
                "submitJob",
                {
                    "jobQueue": JOBS,
                    "jobDefinition": "d",
                    "jobName": "j",
                    "arrayProperties": {"size": 2},
                    "parameters": {"Number": "1"},
                },
            ),
        ),
        (
            ARN("redshift", "cluster:c"),
            {"RedshiftDataParameters": {"Database": "d", "Sqls": ["select 1"], "DbUser": "u"}},
            (
                "redshiftdata",
                "batchExecuteStatement",
                {"ClusterIdentifier": "c", "Database": "d", "Sqls": ["select 1"], "DbUser": "u"},
            ),
        ),
        (
            ARN("redshift-serverless", "workgroup/w"),
            {"RedshiftDataParameters": {"Database": "d", "Sqls": ["select 1"]}},
            (
                "redshiftdata",
                "batchExecuteStatement",
                {"WorkgroupName": "w", "Database": "d", "Sqls": ["select 1"]},
            ),
        ),
        (
            ARN("sagemaker", "pipeline/m"),
            {"SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "n", "Value": "$.body.n"}]}},
            (
                "sagemaker",
                "startPipelineExecution",
                {"PipelineName": "m", "PipelineParameters": [{"Name": "n", "Value": "1"}]},
            ),
        ),
        (
            ARN("inspector", "target/0-1/template/0-2"),
            {},
            (
                "inspector",
                "startAssessmentRun",
                {"assessmentTemplateArn": ARN("inspector", "target/0-1/template/0-2")},
            ),
        ),
        (
            ARN("timestream", "database/d/table/t"),
            {
                "TimestreamParameters": {
                    "TimeValue": "$.body.n",
                    "VersionValue": "1",
                    "DimensionMappings": [
                        {"DimensionName": "d", "DimensionValue": "v", "DimensionValueType": "VARCHAR"}
                    ],
                    "SingleMeasureMappings": [
                        {"MeasureName": "m", "MeasureValue": "$.body.n", "MeasureValueType": "BIGINT"}
                    ],
                }
            },
            (
                "timestreamwrite",
                "writeRecords",
                {
                    "DatabaseName": "d",
                    "TableName": "t",
                    "Records": [
                        {
                            "Dimensions": [{"Name": "d", "Value": "v", "DimensionValueType": "VARCHAR"}],
                            "Time": "1",
                            "Version": "1",
                            "MeasureName": "m",
                            "MeasureValue": "1",
                            "MeasureValueType": "BIGINT",
                        }
                    ],
                },
            ),
        ),
    ],
)
def test_a_target_that_is_not_emulated_is_captured_with_its_exact_request(
    world: World, target: str, parameters: Any, expected: Any
) -> None:
    template = {} if "ecs" in target else {"InputTemplate": "<$.body>"}
    world.pipe(Target=target, TargetParameters={**template, **parameters})

    world.put({"n": 1})

    assert world.captured() == [expected]
    assert world.held("source") == []


def test_several_measures_are_one_record_of_many_values(world: World) -> None:
    attribute = {"MeasureValue": "$.body.n", "MeasureValueType": "BIGINT", "MultiMeasureAttributeName": "a"}
    world.pipe(
        Target=ARN("timestream", "database/d/table/t"),
        TargetParameters={
            "TimestreamParameters": {
                "TimeValue": "$.body.n",
                "VersionValue": "1",
                "DimensionMappings": [
                    {"DimensionName": "d", "DimensionValue": "v", "DimensionValueType": "VARCHAR"}
                ],
                "MultiMeasureMappings": [
                    {"MultiMeasureName": "m", "MultiMeasureAttributeMappings": [attribute]}
                ],
            }
        },
    )

    world.put({"n": 1})

    ((_, _, request),) = world.captured()
    assert request["Records"][0]["MeasureValues"] == [{"Name": "a", "Value": "1", "Type": "BIGINT"}]


def test_an_api_gateway_is_captured_with_its_method_its_path_and_its_body(world: World) -> None:
    world.pipe(
        Target=GATEWAY,
        TargetParameters={
            "InputTemplate": '{"n": <$.body.n>}',
            "HttpParameters": {
                "PathParameterValues": ["$.body.n"],
                "QueryStringParameters": {"q": "$.body.q"},
            },
        },
    )

    world.put({"n": 1, "q": "x"})

    (captured,) = world.emulator.look("outbox")
    assert (captured.service, captured.target, captured.payload) == ("execute-api", GATEWAY, '{"n":1}')
    assert captured.details == {
        "method": "POST",
        "path": "/prod/orders/*",
        "PathParameterValues": ["1"],
        "QueryStringParameters": {"q": "x"},
    }


# Logs and faults


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("OFF", []),
        ("ERROR", ["EXECUTION_FAILED"]),
        ("INFO", ["EXECUTION_STARTED", "EXECUTION_FAILED", "EXECUTION_STARTED", "EXECUTION_SUCCEEDED"]),
        (
            "TRACE",
            [
                *("EXECUTION_STARTED", "TARGET_INVOCATION_STARTED", "EXECUTION_FAILED"),
                *("EXECUTION_STARTED", "TARGET_INVOCATION_STARTED", "TARGET_INVOCATION_SUCCEEDED"),
                "EXECUTION_SUCCEEDED",
            ],
        ),
    ],
)
def test_a_pipe_logs_its_executions_as_its_configuration_asks(
    world: World, level: str, expected: list[str]
) -> None:
    world.run()
    world.answers = [RuntimeError("no"), None]
    world.pipe(
        Target=FUNCTION,
        LogConfiguration={
            "Level": level,
            "CloudwatchLogsLogDestination": {"LogGroupArn": LOG_GROUP},
            "IncludeExecutionData": ["ALL"],
        },
    )

    world.put("x")
    world.advance(30)

    events = world.emulator.call(lambda engine: list(engine.log_groups.of(LOG_GROUP).events))
    lines = [json.loads(line.message) for line in events]
    assert [line["messageType"] for line in lines] == expected
    assert all(line["resourceArn"] == PIPE for line in lines)
    errors = [line["error"]["message"] for line in lines if "error" in line]
    assert errors == ["the function failed: RuntimeError: no"] * (level != "OFF")


def test_a_fault_strikes_at_the_target_of_a_pipe(world: World) -> None:
    world.pipe()
    world.emulator.fault("failure", resource="target", count=1)

    (message_id,) = world.put("x")
    assert world.held("target") == []
    world.advance(1)

    assert [record["body"] for record in world.records()] == ["x"]
    assert [one.verb for one in world.emulator.trace(message_id) if one.verb == "faulted"] == ["faulted"]
