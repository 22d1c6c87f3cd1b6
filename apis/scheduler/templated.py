"""Templated targets: which ARNs name them, the operation each stands for, and the request that it makes.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.urls import url_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.deliveries.request_template import Slot
from pocketbus.emulator.errors import ValidationException

Wire = Mapping[str, Any]
Request = Callable[[Call, Arn, Wire], Any]
"""Makes the request of a target, with slots for its input."""


class TargetType(Struct, frozen=True):
    """A kind of target: `resource` begins its ARN's last part, `parameters` are the member of its own, if any."""

    service: str
    resource: str
    sdk_service: str
    action: str
    request: Request
    parameters: str | None = None
    needs_parameters: bool = False
    takes_json: bool = False
    without_input: bool = False


def _send_message(call: Call, arn: Arn, wire: Wire) -> Any:
    group_id = wire.get("SqsParameters", {}).get("MessageGroupId")
    if arn.resource.endswith(".fifo") and group_id is None:
        raise ValidationException(
            "Invalid request provided: MessageGroupId must be specified in SqsParameters for a FIFO queue."
        )
    url = url_of(call, arn.region, arn.account, arn.resource)
    return {"MessageBody": Slot.TEXT, "QueueUrl": url, "MessageGroupId": group_id}


def _publish(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"TopicArn": str(arn), "Message": Slot.TEXT}


def _invoke(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"FunctionName": str(arn), "InvocationType": "Event", "Payload": Slot.TEXT}


def _put_events(call: Call, arn: Arn, wire: Wire) -> Any:
    if arn.region != call.scope.region:
        raise ValidationException("Invalid request provided: The event bus is in another region.")
    given = wire["EventBridgeParameters"]
    entry = {"Source": given["Source"], "DetailType": given["DetailType"], "Detail": Slot.TEXT}
    return {"Entries": [{**entry, "EventBusName": str(arn)}]}


def _put_events_v2(_call: Call, arn: Arn, wire: Wire) -> Any:
    given = wire["EventBridgePutEventsV2Parameters"]
    entry = {"Source": given["Source"], "DetailType": given["DetailType"], "Detail": Slot.TEXT}
    return {"EventBusArn": str(arn), "Entries": [entry]}


def _put_raw_events(_call: Call, arn: Arn, wire: Wire) -> Any:
    metadata = wire["EventBridgePutRawEventsParameters"].get("Metadata")
    entry = {"Data": Slot.TEXT, "Metadata": metadata, "SystemMetadata": {"ContentType": "application/json"}}
    return {"EventBusArn": str(arn), "Entries": [entry]}


def _start_execution(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"StateMachineArn": str(arn), "Input": Slot.TEXT}


def _put_record(_call: Call, arn: Arn, wire: Wire) -> Any:
    key = wire["KinesisParameters"]["PartitionKey"]
    return {"StreamARN": str(arn), "Data": Slot.TEXT, "PartitionKey": key}


def _put_firehose_record(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"DeliveryStreamName": _name(arn), "Record": {"Data": Slot.TEXT}}


def _run_task(_call: Call, arn: Arn, wire: Wire) -> Any:
    given = dict(wire["EcsParameters"])
    task, count = given.pop("TaskDefinitionArn"), given.pop("TaskCount", 1)
    return {
        "Cluster": str(arn),
        "TaskDefinition": task,
        "Count": count,
        **_in_pascal_case(given),
        "Overrides": Slot.JSON,
    }


def _start_build(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"ProjectName": _name(arn), "": Slot.JSON}


def _start_pipeline(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"Name": arn.resource}


def _start_assessment(_call: Call, arn: Arn, _wire: Wire) -> Any:
    return {"AssessmentTemplateArn": str(arn)}


def _start_sagemaker_pipeline(_call: Call, arn: Arn, wire: Wire) -> Any:
    parameters = wire.get("SageMakerPipelineParameters", {}).get("PipelineParameterList")
    return {"PipelineName": _name(arn), "PipelineParameters": parameters}


def _name(arn: Arn) -> str:
    return arn.resource.partition("/")[2]


def _in_pascal_case(value: Any) -> Any:
    """Write the members of another API as Scheduler does for all of them."""
    match value:
        case dict():
            return {name[:1].upper() + name[1:]: _in_pascal_case(part) for name, part in value.items()}
        case list():
            return [_in_pascal_case(part) for part in value]
    return value


_RAW_EVENTS = "EventBridgePutRawEventsParameters"

TARGET_TYPES = (
    TargetType("sqs", "", "sqs", "sendMessage", _send_message, "SqsParameters"),
    TargetType("sns", "", "sns", "publish", _publish),
    TargetType("lambda", "function:", "lambda", "invoke", _invoke, takes_json=True),
    TargetType(
        "events", "event-bus/", "eventbridge", "putEvents", _put_events, "EventBridgeParameters", True, True
    ),
    TargetType("events", "event-busv2/", "eventbridgev2", "putRawEvents", _put_raw_events, _RAW_EVENTS, True),
    TargetType(
        "events",
        "event-busv2/",
        "eventbridgev2",
        "putEvents",
        _put_events_v2,
        "EventBridgePutEventsV2Parameters",
        True,
        True,
    ),
    TargetType("states", "stateMachine:", "sfn", "startExecution", _start_execution, takes_json=True),
    TargetType("kinesis", "stream/", "kinesis", "putRecord", _put_record, "KinesisParameters", True),
    TargetType("firehose", "deliverystream/", "firehose", "putRecord", _put_firehose_record),
    TargetType("ecs", "cluster/", "ecs", "runTask", _run_task, "EcsParameters", True, without_input=True),
    TargetType("codebuild", "project/", "codebuild", "startBuild", _start_build, without_input=True),
    TargetType(
        "codepipeline", "", "codepipeline", "startPipelineExecution", _start_pipeline, without_input=True
    ),
    TargetType(
        "inspector", "target/", "inspector", "startAssessmentRun", _start_assessment, without_input=True
    ),
    TargetType(
        "sagemaker",
        "pipeline/",
        "sagemaker",
        "startPipelineExecution",
        _start_sagemaker_pipeline,
        "SageMakerPipelineParameters",
        without_input=True,
    ),
)

PARAMETERS = frozenset(kind.parameters for kind in TARGET_TYPES if kind.parameters is not None)
"""The members of a target that are for one kind of it only."""


def type_of(arn: Arn, wire: Wire) -> TargetType | None:
    """Return the kind of a target; of a custom event bus, its parameters decide."""
    for kind in TARGET_TYPES:
        if kind.service == arn.service and arn.resource.startswith(kind.resource):
            if kind.parameters == _RAW_EVENTS and _RAW_EVENTS not in wire:
                continue
            return kind
    return None
