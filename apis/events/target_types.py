"""The services that a rule can have as its target: which ARNs name them, which parameters and roles they need."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.scope import Scope

Wire = Mapping[str, Any]


class TargetType(Struct, frozen=True):
    """A kind of target: `resource` begins its ARN's last part, `parameters` are the member of its own, if any."""

    service: str
    resource: str = ""
    parameters: str | None = None
    needs_parameters: bool = False
    needs_role: bool = False


# The first that fits counts. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
TARGET_TYPES = (
    TargetType("sqs", parameters="SqsParameters"),
    TargetType("sns"),
    TargetType("events", "event-bus/"),
    TargetType("events", "event-busv2/"),
    TargetType("events", "api-destination/", parameters="HttpParameters", needs_role=True),
    TargetType("lambda", "function:"),
    TargetType("logs", "log-group:"),
    TargetType("states", "stateMachine:", needs_role=True),
    TargetType("kinesis", "stream/", parameters="KinesisParameters", needs_role=True),
    TargetType("firehose", "deliverystream/", needs_role=True),
    TargetType("ecs", "cluster/", parameters="EcsParameters", needs_parameters=True, needs_role=True),
    TargetType("batch", "job-queue/", parameters="BatchParameters", needs_parameters=True, needs_role=True),
    TargetType("ssm", "automation-definition/", needs_role=True),
    TargetType("ssm", "document/", parameters="RunCommandParameters", needs_parameters=True, needs_role=True),
    TargetType("ssm", "opsitem"),
    TargetType("ssm-incidents", "response-plan/", needs_role=True),
    TargetType("execute-api", parameters="HttpParameters"),
    TargetType(
        "redshift", "cluster:", parameters="RedshiftDataParameters", needs_parameters=True, needs_role=True
    ),
    TargetType(
        "redshift-serverless",
        "workgroup/",
        parameters="RedshiftDataParameters",
        needs_parameters=True,
        needs_role=True,
    ),
    TargetType("sagemaker", "pipeline/", parameters="SageMakerPipelineParameters", needs_role=True),
    TargetType(
        "appsync",
        "endpoints/graphql-api/",
        parameters="AppSyncParameters",
        needs_parameters=True,
        needs_role=True,
    ),
    TargetType("codebuild", "project/", needs_role=True),
    TargetType("codepipeline", needs_role=True),
    TargetType("glue", "workflow/", needs_role=True),
    TargetType("inspector", "target/", needs_role=True),
    TargetType("events", "target/", needs_role=True),
)
_OWN_PARAMETERS = frozenset(kind.parameters for kind in TARGET_TYPES if kind.parameters is not None)


def read_parameters(wire: Wire, arn: Arn, scope: Scope) -> dict[str, Any]:
    """Return the parameters of the target's own service by their member; ValidationException if they do not fit."""
    kind = _kind_of(arn)
    given = {name: wire[name] for name in _OWN_PARAMETERS & wire.keys()}
    foreign = sorted(given.keys() - {kind.parameters})
    if foreign:
        raise ValidationException(
            f"Parameter(s) {', '.join(foreign)} not supported for target: {wire['Id']}."
        )
    needed = kind.needs_parameters or (kind.service == "sqs" and arn.resource.endswith(".fifo"))
    if needed and not given.get(str(kind.parameters)):
        raise ValidationException(
            f"Parameter(s) {kind.parameters} must be specified for target: {wire['Id']}."
        )
    if "RoleArn" not in wire and (kind.needs_role or _is_bus_elsewhere(kind, arn, scope)):
        raise ValidationException(f"RoleArn is required for target {arn}.")
    return given


def _is_bus_elsewhere(kind: TargetType, arn: Arn, scope: Scope) -> bool:
    """Tell a bus of another account or region, to which a rule sends by a role only."""
    return kind.resource == "event-bus/" and (arn.account, arn.region) != (scope.account, scope.region)


def _kind_of(arn: Arn) -> TargetType:
    for kind in TARGET_TYPES:
        if kind.service == arn.service and arn.resource.startswith(kind.resource):
            return kind
    raise ValidationException(f"Parameter {arn} is not valid. Reason: Unsupported Service/Resource Type.")
