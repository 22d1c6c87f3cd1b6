"""Pipes: create, describe, update, start, stop, list, delete, tags, and what is refused."""

import json
from typing import Any

import pytest
from botocore.config import Config

from tests.apis.awslambda.conftest import ARN, START, refusal
from tests.apis.pipes.conftest import PIPE, ROLE, SOURCE, TARGET, World

STREAM = ARN("kinesis", "stream/s")
LATEST = {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}


def shown(world: World, name: str = "p") -> Any:
    described = world.pipes.describe_pipe(Name=name)
    del described["ResponseMetadata"]
    return described


def states(answer: Any) -> tuple[str, str]:
    return answer["DesiredState"], answer["CurrentState"]


def test_a_pipe_is_created_and_described_with_what_it_was_not_told(world: World) -> None:
    made = world.pipes.create_pipe(Name="p", Source=SOURCE, Target=TARGET, RoleArn=ROLE)
    del made["ResponseMetadata"]

    assert made["CreationTime"].timestamp() == START
    assert {name: made[name] for name in made if not name.endswith("Time")} == {
        "Arn": PIPE,
        "Name": "p",
        "DesiredState": "RUNNING",
        "CurrentState": "CREATING",
    }
    world.advance(1)
    assert {name: part for name, part in shown(world).items() if not name.endswith("Time")} == {
        "Arn": PIPE,
        "Name": "p",
        "DesiredState": "RUNNING",
        "CurrentState": "RUNNING",
        "Source": SOURCE,
        "SourceParameters": {"SqsQueueParameters": {"BatchSize": 10}},
        "Target": TARGET,
        "RoleArn": ROLE,
        "Tags": {},
    }


def test_a_pipe_is_described_as_it_was_told(world: World) -> None:
    settings: dict[str, Any] = {
        "Description": "from here to there",
        "DesiredState": "STOPPED",
        "SourceParameters": {
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"n": [1]}}'}]},
            "SqsQueueParameters": {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 20},
        },
        "Enrichment": ARN("lambda", "function:orders"),
        "EnrichmentParameters": {"InputTemplate": "<$.body>"},
        "TargetParameters": {"InputTemplate": '{"a": <$.a>}', "SqsQueueParameters": {"MessageGroupId": "g"}},
        "LogConfiguration": {
            "CloudwatchLogsLogDestination": {"LogGroupArn": ARN("logs", "log-group:/pipes")},
            "Level": "TRACE",
            "IncludeExecutionData": ["ALL"],
        },
        "KmsKeyIdentifier": "alias/key",
        "Tags": {"team": "a"},
    }

    world.pipe(**settings)

    described = shown(world)
    assert {name: described[name] for name in settings} == settings
    assert states(described) == ("STOPPED", "STOPPED")


def test_a_pipe_passes_through_its_states(world: World) -> None:
    world.pipe()

    assert states(world.pipes.stop_pipe(Name="p")) == ("STOPPED", "STOPPING")
    assert states(shown(world)) == ("STOPPED", "STOPPING")
    world.advance(1)
    assert states(shown(world)) == ("STOPPED", "STOPPED")
    assert states(world.pipes.start_pipe(Name="p")) == ("RUNNING", "STARTING")
    world.advance(1)
    assert states(shown(world)) == ("RUNNING", "RUNNING")
    assert states(world.pipes.update_pipe(Name="p", RoleArn=ROLE)) == ("RUNNING", "UPDATING")
    world.advance(1)
    assert states(world.pipes.delete_pipe(Name="p")) == ("DELETED", "DELETING")
    assert states(shown(world)) == ("DELETED", "DELETING")
    world.advance(1)
    assert refusal(world.pipes.describe_pipe, Name="p") == (
        "NotFoundException",
        404,
        "Pipe p does not exist.",
    )


def test_a_stopped_pipe_receives_nothing_until_it_is_started(world: World) -> None:
    world.pipe()
    world.pipes.stop_pipe(Name="p")
    world.put("later")

    assert (world.held("source"), world.held("target")) == (["later"], [])

    world.advance(1)
    world.pipes.start_pipe(Name="p")
    world.advance(1)
    assert [record["body"] for record in world.records()] == ["later"]


def test_a_pipe_whose_queue_is_not_there_fails_once_the_clock_has_moved(world: World) -> None:
    made = world.pipes.create_pipe(Name="p", Source=ARN("sqs", "none"), Target=TARGET, RoleArn=ROLE)

    assert states(made) == ("RUNNING", "CREATING")
    world.advance(1)
    described = shown(world)
    assert states(described) == ("RUNNING", "CREATE_FAILED")
    assert described["StateReason"] == (
        "Input parameter is invalid from the request due to : Error occurred while ReceiveMessage. "
        "SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist."
    )
    world.pipes.delete_pipe(Name="p")


def test_an_update_leaves_what_it_does_not_say_and_replaces_parameters_of_a_service_as_a_whole(
    world: World,
) -> None:
    world.pipe(
        Description="before",
        SourceParameters={
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]},
            "SqsQueueParameters": {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 20},
        },
        TargetParameters={"InputTemplate": "<$.body>", "SqsQueueParameters": {"MessageGroupId": "g"}},
    )

    world.update(
        SourceParameters={"SqsQueueParameters": {"BatchSize": 4}},
        TargetParameters={"SqsQueueParameters": {"MessageDeduplicationId": "d"}},
    )

    described = shown(world)
    assert described["Description"] == "before"
    assert described["SourceParameters"] == {
        "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]},
        "SqsQueueParameters": {"BatchSize": 4},
    }
    assert described["TargetParameters"] == {
        "InputTemplate": "<$.body>",
        "SqsQueueParameters": {"MessageDeduplicationId": "d"},
    }


def test_an_empty_text_or_list_takes_away(world: World) -> None:
    world.pipe(
        SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]}},
        Enrichment=ARN("lambda", "function:orders"),
        EnrichmentParameters={"InputTemplate": "<$.body>"},
        TargetParameters={"InputTemplate": "<$.body>"},
        KmsKeyIdentifier="alias/key",
    )

    world.update(
        SourceParameters={"FilterCriteria": {"Filters": []}},
        Enrichment="",
        TargetParameters={"InputTemplate": ""},
        KmsKeyIdentifier="",
    )

    described = shown(world)
    assert described["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 10}}
    gone = {"Enrichment", "EnrichmentParameters", "TargetParameters", "KmsKeyIdentifier"}
    assert gone & described.keys() == set()
    world.put("anything")
    assert [record["body"] for record in world.records()] == ["anything"]


def test_another_target_lets_go_of_the_parameters_of_the_one_before(world: World) -> None:
    world.pipe(TargetParameters={"InputTemplate": "<$.body>", "SqsQueueParameters": {"MessageGroupId": "g"}})

    world.update(Target=ARN("lambda", "function:orders"))

    assert shown(world)["TargetParameters"] == {"InputTemplate": "<$.body>"}


def test_an_update_leaves_where_a_stream_is_read_from(world: World) -> None:
    world.pipe(
        Source=STREAM,
        SourceParameters={"KinesisStreamParameters": {"StartingPosition": "TRIM_HORIZON", "BatchSize": 5}},
    )

    world.update(SourceParameters={"KinesisStreamParameters": {"MaximumRetryAttempts": 2}})

    assert shown(world)["SourceParameters"] == {
        "KinesisStreamParameters": {
            "StartingPosition": "TRIM_HORIZON",
            "MaximumRetryAttempts": 2,
            "BatchSize": 10,
        }
    }


def test_a_pipe_that_is_being_deleted_is_listed_with_the_state_it_was_to_have(world: World) -> None:
    """Only DescribePipe has a word for it."""
    world.pipe("p")
    world.pipes.delete_pipe(Name="p")

    (listed,) = world.pipes.list_pipes()["Pipes"]
    assert (listed["DesiredState"], listed["CurrentState"]) == ("RUNNING", "DELETING")
    assert world.pipes.describe_pipe(Name="p")["DesiredState"] == "DELETED"


def test_pipes_are_listed_by_what_they_are_page_by_page(world: World) -> None:
    for name in ("a1", "a2", "b"):
        world.pipe(name)
    world.pipe("s", Source=STREAM, SourceParameters=LATEST, DesiredState="STOPPED")

    def names(**by: Any) -> list[str]:
        return [pipe["Name"] for pipe in world.pipes.list_pipes(**by)["Pipes"]]

    assert names() == ["a1", "a2", "b", "s"]
    assert names(NamePrefix="a") == ["a1", "a2"]
    assert names(DesiredState="STOPPED") == ["s"]
    assert names(CurrentState="RUNNING") == ["a1", "a2", "b"]
    assert names(SourcePrefix=STREAM[:20]) == ["s"]
    assert names(TargetPrefix=TARGET) == ["a1", "a2", "b", "s"]
    pages = world.pipes.get_paginator("list_pipes").paginate(PaginationConfig={"PageSize": 3})
    assert [[pipe["Name"] for pipe in page["Pipes"]] for page in pages] == [["a1", "a2", "b"], ["s"]]
    summary = world.pipes.list_pipes(Limit=1)["Pipes"][0]
    assert summary.keys() == {
        *("Name", "Arn", "DesiredState", "CurrentState", "CreationTime", "LastModifiedTime"),
        *("Source", "Target"),
    }


def test_a_token_that_is_not_ours_is_refused(world: World) -> None:
    answer = refusal(world.pipes.list_pipes, NextToken="mine")

    assert answer == ("ValidationException", 400, "Invalid NextToken provided.")


def test_tags_are_given_changed_and_taken_away(world: World) -> None:
    world.pipe(Tags={"a": "1"})

    world.pipes.tag_resource(resourceArn=PIPE, tags={"a": "2", "b": "3"})
    world.pipes.untag_resource(resourceArn=PIPE, tagKeys=["b", "c"])

    assert world.pipes.list_tags_for_resource(resourceArn=PIPE)["tags"] == {"a": "2"}
    assert shown(world)["Tags"] == {"a": "2"}


def test_only_what_exists_has_tags(world: World) -> None:
    world.pipe()
    world.pipes.tag_resource(resourceArn=PIPE, tags={str(number): "" for number in range(50)})

    many = refusal(world.pipes.tag_resource, resourceArn=PIPE, tags={"one": "more"})
    none = refusal(world.pipes.list_tags_for_resource, resourceArn=ARN("pipes", "pipe/none"))

    assert many == ("ValidationException", 400, "A pipe has 50 tags at most.")
    assert none == ("NotFoundException", 404, "Pipe none does not exist.")


def test_a_name_is_taken_once(world: World) -> None:
    world.pipe()

    with pytest.raises(world.pipes.exceptions.ConflictException) as raised:
        world.pipe()

    response = raised.value.response
    assert response["Error"]["Message"] == "Pipe p already exists."
    assert (response["resourceId"], response["resourceType"]) == ("p", "Pipe")


@pytest.mark.parametrize(
    ("operation", "state"), [("start_pipe", "RUNNING"), ("stop_pipe", "STOPPED"), ("start_pipe", "CREATING")]
)
def test_a_change_that_does_not_fit_the_state_is_a_conflict(world: World, operation: str, state: str) -> None:
    if state == "CREATING":
        world.pipes.create_pipe(Name="p", Source=SOURCE, Target=TARGET, RoleArn=ROLE)
    else:
        world.pipe(DesiredState=state)

    answer = refusal(getattr(world.pipes, operation), Name="p")

    assert answer == ("ConflictException", 409, f"Pipe p is in the state {state}.")


def test_a_change_under_way_keeps_others_away(world: World) -> None:
    world.pipe()
    world.pipes.stop_pipe(Name="p")

    for operation, more in (("update_pipe", {"RoleArn": ROLE}), ("delete_pipe", {})):
        answer = refusal(getattr(world.pipes, operation), Name="p", **more)
        assert answer == ("ConflictException", 409, "Pipe p is in the state STOPPING.")


def missing(name: str, message: str = "Missing required parameter.") -> str:
    fields = {"ValidationErrorFields": [{"Name": name, "Message": message}]}
    return json.dumps(fields, separators=(",", ":"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Source": STREAM}, missing("SourceParameters.KinesisStreamParameters")),
        (
            {"Source": ARN("dynamodb", "table/t/stream/x")},
            missing("SourceParameters.DynamoDBStreamParameters"),
        ),
        (
            {"Source": ARN("kafka", "cluster/c/1")},
            missing("SourceParameters.ManagedStreamingKafkaParameters"),
        ),
        ({"Source": "smk://broker.example.com:9092"}, missing("SourceParameters.SelfManagedKafkaParameters")),
        ({"Source": ARN("mq", "broker:b")}, missing("SourceParameters.ActiveMQBrokerParameters")),
        ({"Source": ARN("sns", "t")}, missing("Source", "Unsupported source.")),
        ({"Target": ARN("s3", "bucket")}, missing("Target", "Unsupported target.")),
        ({"Target": ARN("sns", "t.fifo")}, missing("Target", "FIFO topics are not supported as targets.")),
        ({"Target": STREAM}, missing("TargetParameters.KinesisStreamParameters")),
        ({"Enrichment": SOURCE}, missing("Enrichment", "Unsupported enrichment.")),
        (
            {"SourceParameters": LATEST},
            missing("SourceParameters.KinesisStreamParameters", "Unsupported parameter for the source."),
        ),
        (
            {"TargetParameters": {"KinesisStreamParameters": {"PartitionKey": "k"}}},
            missing("TargetParameters.KinesisStreamParameters", "Unsupported parameter for the target."),
        ),
        (
            {"Enrichment": ARN("lambda", "function:f"), "EnrichmentParameters": {"HttpParameters": {}}},
            missing("EnrichmentParameters.HttpParameters", "Unsupported parameter for the enrichment."),
        ),
        (
            {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}}},
            "BatchSize 11 is larger than the source, the enrichment or the target supports: 10.",
        ),
        (
            {
                "Source": ARN("sqs", "q.fifo"),
                "Target": ARN("lambda", "function:f"),
                "SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}},
            },
            "BatchSize 11 is larger than the source, the enrichment or the target supports: 10.",
        ),
        (
            {"TargetParameters": {"InputTemplate": '{"a": <$.b>'}},
            "TargetParameters.InputTemplate is not valid: the template is not valid JSON at character 11.",
        ),
        (
            {"TargetParameters": {"InputTemplate": "<aws.pipes.nothing>"}},
            "TargetParameters.InputTemplate is not valid: <aws.pipes.nothing> is no variable of pipes.",
        ),
        (
            {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 0}}},
            "[numeric instance is lower than the required minimum (minimum: 1, found: 0)]",
        ),
        (
            {"SourceParameters": {"SqsQueueParameters": {"MaximumBatchingWindowInSeconds": 301}}},
            "[numeric instance is greater than the required maximum (maximum: 300, found: 301)]",
        ),
        (
            {"Name": "a b"},
            (
                "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_refused(world: World, settings: dict[str, Any], message: str) -> None:
    given = {"Name": "p", "Source": SOURCE, "Target": TARGET, "RoleArn": ROLE, **settings}
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    create = world.emulator.client("pipes", config=config).create_pipe

    assert refusal(create, **given) == ("ValidationException", 400, message)


def test_a_filter_that_pipes_do_not_have_is_refused(world: World) -> None:
    filters = [{"Pattern": '{"body": {"n": [{"wildcard": "a*"}]}}'}]

    code, status, message = refusal(world.pipe, SourceParameters={"FilterCriteria": {"Filters": filters}})

    assert (code, status) == ("ValidationException", 400)
    assert message.startswith("Event pattern is not valid. Reason: Unrecognized match type wildcard")


def test_a_pipe_goes_on_when_a_state_is_brought_back(world: World) -> None:
    world.pipe()
    world.emulator.save("before")
    world.emulator.restore("before")

    world.put("hello")

    assert [record["body"] for record in world.records()] == ["hello"]
