"""Targets of services that are not emulated: what PutTargets asks of them, and what the outbox holds of them."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

ROLE = "arn:aws:iam::000000000000:role/events"
HERE = "us-east-1:000000000000"
RUN_COMMAND = {"RunCommandTargets": [{"Key": "tag:x", "Values": ["y"]}]}
ECS = {
    "TaskDefinitionArn": f"arn:aws:ecs:{HERE}:task-definition/t:1",
    "TaskCount": 2,
    "LaunchType": "FARGATE",
}
BATCH = {"JobDefinition": "d", "JobName": "n", "RetryStrategy": {"Attempts": 3}}
REDSHIFT = {"Database": "d", "Sql": "SELECT 1"}
KINDS: dict[str, dict[str, Any]] = {
    f"arn:aws:lambda:{HERE}:function:f": {},
    f"arn:aws:states:{HERE}:stateMachine:m": {"RoleArn": ROLE},
    f"arn:aws:kinesis:{HERE}:stream/s": {
        "RoleArn": ROLE,
        "KinesisParameters": {"PartitionKeyPath": "$.detail.n"},
    },
    f"arn:aws:firehose:{HERE}:deliverystream/s": {"RoleArn": ROLE},
    f"arn:aws:ecs:{HERE}:cluster/c": {"RoleArn": ROLE, "EcsParameters": ECS},
    f"arn:aws:batch:{HERE}:job-queue/q": {"RoleArn": ROLE, "BatchParameters": BATCH},
    "arn:aws:ssm:us-east-1::document/AWS-RunShellScript": {
        "RoleArn": ROLE,
        "RunCommandParameters": RUN_COMMAND,
    },
    "arn:aws:ssm:us-east-1::automation-definition/a:1": {"RoleArn": ROLE},
    f"arn:aws:ssm:{HERE}:opsitem": {},
    "arn:aws:ssm-incidents::000000000000:response-plan/p": {"RoleArn": ROLE},
    f"arn:aws:execute-api:{HERE}:api/stage/POST/orders/*": {"HttpParameters": {"PathParameterValues": ["1"]}},
    f"arn:aws:events:{HERE}:api-destination/gone/1": {
        "RoleArn": ROLE,
        "HttpParameters": {"HeaderParameters": {"X-A": "$.detail.n"}, "QueryStringParameters": {"q": "1"}},
    },
    f"arn:aws:redshift:{HERE}:cluster:c": {"RoleArn": ROLE, "RedshiftDataParameters": REDSHIFT},
    f"arn:aws:redshift-serverless:{HERE}:workgroup/w": {"RoleArn": ROLE, "RedshiftDataParameters": REDSHIFT},
    f"arn:aws:sagemaker:{HERE}:pipeline/p": {
        "RoleArn": ROLE,
        "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "a", "Value": "b"}]},
    },
    f"arn:aws:appsync:{HERE}:endpoints/graphql-api/a": {
        "RoleArn": ROLE,
        "AppSyncParameters": {"GraphQLOperation": "mutation M { m }"},
    },
    f"arn:aws:codebuild:{HERE}:project/p": {"RoleArn": ROLE},
    f"arn:aws:codepipeline:{HERE}:p": {"RoleArn": ROLE},
    f"arn:aws:glue:{HERE}:workflow/w": {"RoleArn": ROLE},
    f"arn:aws:inspector:{HERE}:target/0-x/template/0-y": {"RoleArn": ROLE},
    f"arn:aws:events:{HERE}:target/stop-instance": {"RoleArn": ROLE},
}
NEEDING_PARAMETERS = {
    arn: member
    for arn, given in KINDS.items()
    for member in given
    if member
    in {
        "EcsParameters",
        "BatchParameters",
        "RunCommandParameters",
        "RedshiftDataParameters",
        "AppSyncParameters",
    }
}


@pytest.fixture(autouse=True)
def rule(world: Any) -> None:
    world.events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')


def put_target(world: Any, arn: str, **given: Any) -> None:
    world.events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": arn, **given}])


def put_event(world: Any) -> None:
    entry = {"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}'}
    assert world.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.parametrize("arn", KINDS)
def test_a_target_with_parameters_of_its_own_is_listed_as_it_was_put(world: Any, arn: str) -> None:
    put_target(world, arn, **KINDS[arn])

    assert world.events.list_targets_by_rule(Rule="r")["Targets"] == [{"Id": "t", "Arn": arn, **KINDS[arn]}]


@pytest.mark.parametrize("arn", [arn for arn in KINDS if "api-destination" not in arn])
def test_what_goes_to_a_service_that_is_not_emulated_lands_in_the_outbox(world: Any, arn: str) -> None:
    put_target(world, arn, **KINDS[arn])
    put_event(world)

    (captured,) = world.emulator.call(lambda engine: list(engine.outbox))

    service = arn.split(":")[2]
    assert (captured.at, captured.service, captured.target) == (world.NOW, service, arn)
    assert captured.source == f"arn:aws:events:{HERE}:rule/r"
    assert json.loads(captured.payload)["detail"] == {"n": 1}
    assert captured.details == {name: value for name, value in KINDS[arn].items() if name != "RoleArn"}


def test_the_outbox_holds_the_payload_as_the_target_asks_for_it(world: Any) -> None:
    put_target(
        world,
        f"arn:aws:lambda:{HERE}:function:f",
        InputTransformer={"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'},
    )
    put_event(world)

    (captured,) = world.emulator.call(lambda engine: list(engine.outbox))

    assert captured.payload == '{"number":1}'


def test_a_reset_empties_the_outbox(world: Any) -> None:
    put_target(world, f"arn:aws:lambda:{HERE}:function:f")
    put_event(world)

    world.emulator.reset()

    assert world.emulator.call(lambda engine: len(engine.outbox)) == 0


@pytest.mark.parametrize("arn", [arn for arn, given in KINDS.items() if "RoleArn" in given])
def test_a_target_that_needs_a_role_is_refused_without_one(world: Any, arn: str) -> None:
    given = {name: value for name, value in KINDS[arn].items() if name != "RoleArn"}

    with refused("ValidationException", f"RoleArn is required for target {arn}."):
        put_target(world, arn, **given)


@pytest.mark.parametrize(("arn", "member"), NEEDING_PARAMETERS.items())
def test_a_target_that_needs_parameters_is_refused_without_them(world: Any, arn: str, member: str) -> None:
    with refused("ValidationException", f"Parameter(s) {member} must be specified for target: t."):
        put_target(world, arn, RoleArn=ROLE)


def test_parameters_of_another_service_are_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "Parameter(s) EcsParameters, KinesisParameters not supported for target: t.",
    ):
        put_target(
            world,
            f"arn:aws:sqs:{HERE}:q",
            KinesisParameters={"PartitionKeyPath": "$.id"},
            EcsParameters=ECS,
        )


@pytest.mark.parametrize("arn", [f"arn:aws:s3:{HERE}:bucket", f"arn:aws:events:{HERE}:archive/a"])
def test_what_cannot_be_a_target_is_refused(world: Any, arn: str) -> None:
    with refused(
        "ValidationException", f"Parameter {arn} is not valid. Reason: Unsupported Service/Resource Type."
    ):
        put_target(world, arn)


LOGS = f"arn:aws:logs:{HERE}:log-group:/aws/events/orders"


def logged(world: Any) -> list[tuple[str, int, str]]:
    return list(
        world.emulator.call(
            lambda engine: [
                (group.arn, event.timestamp, event.message)
                for group in engine.log_groups
                for event in group.events
            ]
        )
    )


@pytest.mark.parametrize("arn", [LOGS, LOGS + ":*"])
def test_a_log_group_keeps_the_events_that_are_sent_to_it(world: Any, arn: str) -> None:
    put_target(world, arn)
    put_event(world)

    ((group, timestamp, message),) = logged(world)

    assert (group, timestamp) == (LOGS, 1_767_261_600_000)
    assert json.loads(message)["detail"] == {"n": 1}


def test_a_transformation_for_a_log_group_makes_the_timestamp_and_the_message(world: Any) -> None:
    put_target(
        world,
        LOGS,
        InputTransformer={
            "InputPathsMap": {"n": "$.detail.n"},
            "InputTemplate": '{"timestamp": 5, "message": "number <n>"}',
        },
    )
    put_event(world)

    assert logged(world) == [(LOGS, 5, "number 1")]


@pytest.mark.parametrize("given", ['{"n": 1}', '"text"', "[1]"])
def test_another_transformation_for_a_log_group_is_a_dead_letter(world: Any, given: str) -> None:
    url, dead = world.queue("dead")
    put_target(world, LOGS, Input=given, DeadLetterConfig={"Arn": dead})
    put_event(world)

    (message,) = world.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]

    assert logged(world) == []
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "INVALID_PARAMETER"
    assert message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] == (
        "The transformed input for a log group is no JSON object with a message."
    )
