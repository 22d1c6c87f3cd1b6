"""The requests that targets of pipes are, with slots for an event and paths into it."""

from collections.abc import Callable, Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.urls import url_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.deliveries.request_template import InstantPath, Slot

Wire = Mapping[str, Any]
Request = Callable[[Call, Arn, Wire], dict[str, Any]]
"""Makes `request`, that of an event, and, where requests are listed, what they are listed in."""


def send_message(call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    url = url_of(call, arn.region, arn.account, arn.resource)
    return {"request": {"QueueUrl": url, "MessageBody": Slot.TEXT, **given}}


def publish(_call: Call, arn: Arn, _given: Wire) -> dict[str, Any]:
    return {"request": {"TopicArn": str(arn), "Message": Slot.TEXT}}


def put_events(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    entry = {name: value for name, value in given.items() if name != "EndpointId"}
    if "Time" in entry:
        entry["Time"] = InstantPath(entry["Time"])
    entry |= {"Detail": Slot.TEXT, "EventBusName": str(arn)}
    return {"request": {"Entries": [entry], "EndpointId": given.get("EndpointId")}}


def start_execution(_call: Call, arn: Arn, _given: Wire) -> dict[str, Any]:
    return {"request": {"stateMachineArn": str(arn), "input": Slot.TEXT}}


def put_records(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    request = {"Data": Slot.TEXT, "PartitionKey": given["PartitionKey"]}
    return {"request": request, "whole": {"StreamARN": str(arn)}, "listed_as": "Records"}


def put_record_batch(_call: Call, arn: Arn, _given: Wire) -> dict[str, Any]:
    whole = {"DeliveryStreamName": _name(arn)}
    return {"request": {"Data": Slot.TEXT}, "whole": whole, "listed_as": "Records"}


def run_task(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    members = _in_camel_case(given)
    task, count = members.pop("taskDefinitionArn"), members.pop("taskCount", 1)
    return {"request": {"cluster": str(arn), "taskDefinition": task, "count": count, **members}}


def submit_job(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    members = _in_camel_case({name: value for name, value in given.items() if name != "Parameters"})
    return {"request": {"jobQueue": str(arn), **members, "parameters": given.get("Parameters")}}


def execute_statements(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    place = "ClusterIdentifier" if arn.service == "redshift" else "WorkgroupName"
    members = {name: value for name, value in given.items() if name != "SecretManagerArn"}
    name = arn.resource.replace(":", "/").partition("/")[2]
    return {"request": {place: name, **members, "SecretArn": given.get("SecretManagerArn")}}


def start_pipeline(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    parameters = given.get("PipelineParameterList")
    return {"request": {"PipelineName": _name(arn), "PipelineParameters": parameters}}


def assess(_call: Call, arn: Arn, _given: Wire) -> dict[str, Any]:
    return {"request": {"assessmentTemplateArn": str(arn)}}


def write_records(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    _, database, _, table, *_ = [*arn.resource.split("/"), "", "", ""]
    dimensions = [
        {
            "Name": one["DimensionName"],
            "Value": one["DimensionValue"],
            "DimensionValueType": one["DimensionValueType"],
        }
        for one in given["DimensionMappings"]
    ]
    request = {
        "Dimensions": dimensions,
        "Time": given["TimeValue"],
        "TimeUnit": given.get("EpochTimeUnit"),
        "Version": given["VersionValue"],
        **_measures(given),
    }
    whole = {"DatabaseName": database, "TableName": table}
    return {"request": request, "whole": whole, "listed_as": "Records"}


def _measures(given: Wire) -> dict[str, Any]:
    """Name what is measured; of several, all go into one record of many values."""
    single = given.get("SingleMeasureMappings") or []
    several = given.get("MultiMeasureMappings") or []
    if len(single) == 1 and not several:
        return {name: single[0][name] for name in ("MeasureName", "MeasureValue", "MeasureValueType")}
    values = [(one["MeasureName"], one) for one in single]
    values += [
        (attribute["MultiMeasureAttributeName"], attribute)
        for one in several
        for attribute in one["MultiMeasureAttributeMappings"]
    ]
    listed = [
        {"Name": name, "Value": one["MeasureValue"], "Type": one["MeasureValueType"]} for name, one in values
    ]
    name = several[0]["MultiMeasureName"] if several else None
    return {"MeasureName": name, "MeasureValueType": "MULTI", "MeasureValues": listed}


def _name(arn: Arn) -> str:
    return arn.resource.partition("/")[2]


def _in_camel_case(value: Any) -> Any:
    """Write the members as services do that begin them with a small letter."""
    match value:
        case Mapping():
            return {name[:1].lower() + name[1:]: _in_camel_case(part) for name, part in value.items()}
        case list():
            return [_in_camel_case(part) for part in value]
    return value
