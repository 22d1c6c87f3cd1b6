"""The sections of Lambda: functions, whose code no seed has, and the mappings that bring queues to them."""

from collections.abc import Iterator

from pocketbus.apis.awslambda.operations import awslambda
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.errors import ResourceNotFoundException

_CONFIGURED = ("Role", "Runtime", "Handler", "Description", "Timeout", "MemorySize", "PackageType")
_MAPPED = (
    *("EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "ScalingConfig"),
    "FunctionResponseTypes",
)
_DEFAULTS = {"Timeout": 3, "MemorySize": 128, "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}
_IMAGE = "Image"


def _listed(operations: Operations, operation: str, member: str) -> Iterator[Parameters]:
    marker: Parameters = {}
    while True:
        page = operations(awslambda, operation, **marker)
        yield from page[member]
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _without_defaults(settings: Parameters, wanted: Parameters) -> Parameters:
    """Leave out what is as AWS makes it, unless it was asked for."""
    kept = settings.items()
    return present({name: one for name, one in kept if name in wanted or one != _DEFAULTS.get(name)})


def _function_keys(operations: Operations) -> Iterator[Parameters]:
    """Yield the functions of images; code that was uploaded cannot be written down."""
    for function in _listed(operations, "ListFunctions", "Functions"):
        if function["PackageType"] == _IMAGE:
            yield {"FunctionName": function["FunctionName"]}


def _read_function(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        function = operations(awslambda, "GetFunction", FunctionName=key["FunctionName"])
    except ResourceNotFoundException:
        return None
    configuration = function["Configuration"]
    settings = {name: configuration.get(name) for name in _CONFIGURED}
    environment = (configuration.get("Environment") or {}).get("Variables")
    return {
        "FunctionName": key["FunctionName"],
        **_without_defaults(settings, key),
        **present({"Environment": {"Variables": environment}, "Tags": function.get("Tags")}),
        "Code": {"ImageUri": function["Code"].get("ImageUri")},
    }


def _change_function(operations: Operations, there: Parameters, differing: Parameters) -> None:
    name = there["FunctionName"]
    if code := differing.pop("Code", None):
        operations(awslambda, "UpdateFunctionCode", FunctionName=name, **code)
    if tags := differing.pop("Tags", None):
        arn = operations(awslambda, "GetFunction", FunctionName=name)["Configuration"]["FunctionArn"]
        operations(awslambda, "TagResource", Resource=arn, Tags=tags)
    if differing:
        operations(awslambda, "UpdateFunctionConfiguration", FunctionName=name, **differing)


FUNCTIONS = Section(
    name="functions",
    service=awslambda,
    making="CreateFunction",
    key=("FunctionName",),
    keys=_function_keys,
    read=_read_function,
    change=_change_function,
    leave_out=frozenset(
        awslambda.model.operations["CreateFunction"].input.member_names
        - {"FunctionName", *_CONFIGURED, "Environment", "Tags", "Code"}
    ),
)


def _mapping_keys(operations: Operations) -> Iterator[Parameters]:
    for mapping in _listed(operations, "ListEventSourceMappings", "EventSourceMappings"):
        yield {"EventSourceArn": mapping["EventSourceArn"], "FunctionName": mapping["FunctionArn"]}


def _find_mapping(operations: Operations, key: Parameters) -> Parameters | None:
    found = operations(
        awslambda,
        "ListEventSourceMappings",
        EventSourceArn=key["EventSourceArn"],
        FunctionName=key["FunctionName"],
    )["EventSourceMappings"]
    return found[0] if found else None


def _read_mapping(operations: Operations, key: Parameters) -> Parameters | None:
    mapping = _find_mapping(operations, key)
    if mapping is None:
        return None
    settings = {name: mapping[name] for name in _MAPPED}
    off = {"Enabled": False} if mapping["State"] in {"Disabled", "Disabling"} else {}
    on = {"Enabled": True} if not off and "Enabled" in key else {}
    tags = operations(awslambda, "ListTags", Resource=mapping["EventSourceMappingArn"])["Tags"]
    read = {"FunctionName": key["FunctionName"], **_without_defaults(settings, key), **off, **on}
    return {**read, **present({"Tags": tags})}


def _change_mapping(operations: Operations, there: Parameters, differing: Parameters) -> None:
    mapping = _find_mapping(operations, there) or {}
    if tags := differing.pop("Tags", None):
        operations(awslambda, "TagResource", Resource=mapping["EventSourceMappingArn"], Tags=tags)
    if differing:
        operations(awslambda, "UpdateEventSourceMapping", UUID=mapping["UUID"], **differing)


MAPPINGS = Section(
    name="event_source_mappings",
    service=awslambda,
    making="CreateEventSourceMapping",
    key=("EventSourceArn", "FunctionName"),
    keys=_mapping_keys,
    read=_read_mapping,
    change=_change_mapping,
    leave_out=frozenset(
        awslambda.model.operations["CreateEventSourceMapping"].input.member_names
        - {*_MAPPED, "FunctionName", "Enabled", "Tags"}
    ),
    references=(
        Reference(("EventSourceArn",), ("queue",)),
        Reference(("FunctionName",), ("function",)),
    ),
)
