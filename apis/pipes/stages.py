"""Targets and enrichments: which ARNs name them, how many events each takes, and the requests that they are.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from pocketbus.apis.call import Call
from pocketbus.apis.pipes import requests
from pocketbus.apis.pipes.invalid import invalid_fields, missing
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.pipes.pipe_settings import Grouping, Stage, Way
from pocketbus.rules.pipe_template import InvalidTemplate, compile_template

Wire = Mapping[str, Any]

_TEMPLATE = "InputTemplate"
_FIRE_AND_FORGET = "FIRE_AND_FORGET"


class Place(NamedTuple):
    """Where a stage is: in which pipe, behind which source, at which ARN."""

    call: Call
    pipe: str
    source_name: str
    arn: Arn


Members = Callable[[Place, Wire], dict[str, Any]]
"""Makes the members of a stage of its own parameters."""


class StageType(Struct, frozen=True):
    """A kind of target: `resource` begins its ARN's last part, `parameters` are the member of its own, if any."""

    service: str
    resource: str
    members: Members
    parameters: str | None = None
    needs_parameters: bool = False
    most: int | None = None
    enriches: bool = False


def _operation(service: str, action: str, request: requests.Request, grouping: Grouping) -> Members:
    def members(place: Place, given: Wire) -> dict[str, Any]:
        made = request(place.call, place.arn, given)
        return {"way": Way.API, "grouping": grouping, "service": service, "action": action, **made}

    return members


def _each(service: str, action: str, request: requests.Request) -> Members:
    return _operation(service, action, request, Grouping.EACH)


def _list(service: str, action: str, request: requests.Request) -> Members:
    return _operation(service, action, request, Grouping.LIST)


def _put_events(place: Place, given: Wire) -> dict[str, Any]:
    named = {"Source": f"Pipe {place.pipe}", "DetailType": f"Event from {place.source_name}"}
    request = requests.put_events(place.call, place.arn, named | dict(given))
    return {"way": Way.API, "service": "eventbridge", "action": "putEvents", **request}


def _function(_place: Place, given: Wire) -> dict[str, Any]:
    waits = given.get("InvocationType") != _FIRE_AND_FORGET
    return {"way": Way.FUNCTION if waits else Way.EVENT_TO_FUNCTION, "grouping": Grouping.ARRAY}


def _state_machine(place: Place, given: Wire) -> dict[str, Any]:
    waits = given.get("InvocationType") != _FIRE_AND_FORGET
    action = "startSyncExecution" if waits else "startExecution"
    return _operation("sfn", action, requests.start_execution, Grouping.ARRAY)(place, given)


def _api_destination(_place: Place, given: Wire) -> dict[str, Any]:
    return {"way": Way.API_DESTINATION, "parameters": dict(given)}


def _api_gateway(place: Place, given: Wire) -> dict[str, Any]:
    _, _, path = place.arn.resource.partition("/")
    stage, _, rest = path.partition("/")
    method, _, resource = rest.partition("/")
    parameters = {"method": method, "path": f"/{stage}/{resource}", **given}
    return {"way": Way.CAPTURED, "service": "execute-api", "parameters": parameters}


def _log_group(_place: Place, given: Wire) -> dict[str, Any]:
    return {"way": Way.LOG_GROUP, "timestamp": given.get("Timestamp")}


_HTTP = "HttpParameters"
_FUNCTION = StageType("lambda", "function:", _function, "LambdaFunctionParameters", enriches=True)
_STATE_MACHINE = StageType(
    "states", "stateMachine:", _state_machine, "StepFunctionStateMachineParameters", enriches=True
)

STAGE_TYPES = (
    StageType(
        "sqs",
        "",
        _each("sqs", "sendMessage", requests.send_message),
        "SqsQueueParameters",
        most=10,
    ),
    StageType("sns", "", _each("sns", "publish", requests.publish), most=10),
    StageType("events", "event-bus/", _put_events, "EventBridgeEventBusParameters", most=10),
    StageType("events", "api-destination/", _api_destination, _HTTP, most=1, enriches=True),
    StageType("execute-api", "", _api_gateway, _HTTP, most=1, enriches=True),
    _FUNCTION,
    _STATE_MACHINE,
    StageType("logs", "log-group:", _log_group, "CloudWatchLogsParameters", most=10_000),
    StageType(
        "kinesis",
        "stream/",
        _list("kinesis", "putRecords", requests.put_records),
        "KinesisStreamParameters",
        needs_parameters=True,
        most=500,
    ),
    StageType(
        "firehose",
        "deliverystream/",
        _list("firehose", "putRecordBatch", requests.put_record_batch),
        most=500,
    ),
    StageType(
        "ecs", "cluster/", _each("ecs", "runTask", requests.run_task), "EcsTaskParameters", True, most=1
    ),
    StageType(
        "batch",
        "job-queue/",
        _each("batch", "submitJob", requests.submit_job),
        "BatchJobParameters",
        needs_parameters=True,
        most=1,
    ),
    *(
        StageType(
            service,
            resource,
            _each("redshiftdata", "batchExecuteStatement", requests.execute_statements),
            "RedshiftDataParameters",
            needs_parameters=True,
            most=1,
        )
        for service, resource in (("redshift", "cluster:"), ("redshift-serverless", "workgroup/"))
    ),
    StageType(
        "sagemaker",
        "pipeline/",
        _each("sagemaker", "startPipelineExecution", requests.start_pipeline),
        "SageMakerPipelineParameters",
        most=1,
    ),
    StageType("inspector", "target/", _each("inspector", "startAssessmentRun", requests.assess), most=1),
    StageType(
        "timestream",
        "database/",
        _list("timestreamwrite", "writeRecords", requests.write_records),
        "TimestreamParameters",
        needs_parameters=True,
        most=100,
    ),
)


def type_of(arn: str, *, enriches: bool = False) -> tuple[StageType, Arn] | None:
    """Return the kind of a target or, if it `enriches`, of an enrichment; None: it can be none."""
    parsed = Arn.parse(arn)
    for kind in STAGE_TYPES:
        if (
            parsed is not None
            and kind.service == parsed.service
            and parsed.resource.startswith(kind.resource)
        ):
            return (kind, parsed) if kind.enriches or not enriches else None
    return None


def read_target(call: Call, pipe: str, source_name: str, arn: str, given: Wire) -> Stage:
    """Read a target. Raise ValidationException."""
    found = type_of(arn)
    if found is None:
        raise invalid_fields({"Target": "Unsupported target."})
    kind, parsed = found
    foreign = [name for name in given if name not in {_TEMPLATE, kind.parameters}]
    if foreign:
        raise invalid_fields(
            {f"TargetParameters.{name}": "Unsupported parameter for the target." for name in foreign}
        )
    if kind.needs_parameters and kind.parameters not in given:
        raise missing(f"TargetParameters.{kind.parameters}")
    if kind.service == "sns" and parsed.resource.endswith(".fifo"):
        raise invalid_fields({"Target": "FIFO topics are not supported as targets."})
    own = given.get(kind.parameters or "", {})
    return _stage(kind, Place(call, pipe, source_name, parsed), own, given, "TargetParameters")


def read_enrichment(call: Call, pipe: str, source_name: str, arn: str, given: Wire) -> Stage:
    """Read an enrichment; it always waits for an answer. Raise ValidationException."""
    found = type_of(arn, enriches=True)
    if found is None:
        raise invalid_fields({"Enrichment": "Unsupported enrichment."})
    kind, parsed = found
    if _HTTP in given and kind.parameters != _HTTP:
        raise invalid_fields({f"EnrichmentParameters.{_HTTP}": "Unsupported parameter for the enrichment."})
    own = given.get(_HTTP, {})
    return _stage(kind, Place(call, pipe, source_name, parsed), own, given, "EnrichmentParameters")


def _stage(kind: StageType, place: Place, own: Wire, given: Wire, where: str) -> Stage:
    template = given.get(_TEMPLATE) or None
    if template is not None:
        try:
            compile_template(template)
        except InvalidTemplate as error:
            raise ValidationException(f"{where}.{_TEMPLATE} is not valid: {error}.") from None
    members = kind.members(place, own)
    return Stage(arn=str(place.arn), most=kind.most, template=template, **members)
