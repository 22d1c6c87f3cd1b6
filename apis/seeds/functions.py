"""The sections of Lambda: functions as they are now, and the mappings that bring queues to them."""

from collections.abc import Iterator
from typing import Any

from pocketbus.apis.awslambda.configuration import NOT_EMULATED
from pocketbus.apis.awslambda.mapping_settings import FOREIGN, write_mapping
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.functions.deployed import Code
from pocketbus.emulator.functions.mapping import EventSourceMapping

_FIXED = frozenset({"PackageType", "CodeSigningConfigArn"})
"""What stays as it was when a function was made."""


def _keys(operations: Operations) -> Iterator[Parameters]:
    for name in operations.scope.functions.functions:
        yield {"FunctionName": name}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    function = operations.scope.functions.functions.get(key["FunctionName"])
    if function is None:
        return None
    settings = function.latest
    return present(
        {
            "FunctionName": key["FunctionName"],
            **settings.configuration,
            "Code": _code(settings.code),
            "Description": settings.description,
            "Timeout": settings.timeout_seconds,
            "DeadLetterConfig": {"TargetArn": settings.dead_letter_target},
            "Tags": dict(function.tags),
        }
    )


def _code(code: Code) -> dict[str, Any]:
    return dict(code.place) if code.zip_file is None else {"ZipFile": code.zip_file}


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    name = there["FunctionName"]
    if differing.keys() & _FIXED:
        operations(awslambda, "CreateFunction", **(there | differing))  # says that it is there already
    differing = {setting: _whole(there.get(setting), value) for setting, value in differing.items()}
    tags, code = differing.pop("Tags", None), differing.pop("Code", None)
    if "Architectures" in differing:
        code = (code or there["Code"]) | {"Architectures": differing.pop("Architectures")}
    if tags is not None:
        arn = operations.scope.functions.functions[name].arn
        operations(awslambda, "TagResource", Resource=arn, Tags=tags)
    if code is not None:
        operations(awslambda, "UpdateFunctionCode", FunctionName=name, **code)
    if differing:
        operations(awslambda, "UpdateFunctionConfiguration", FunctionName=name, **differing)


def _whole(there: Any, differing: Any) -> Any:
    """Return a table as a change has to give it, with what does not differ; code comes from one place."""
    if not isinstance(differing, dict) or not isinstance(there, dict) or "ZipFile" in {*there, *differing}:
        return differing
    return there | differing


FUNCTIONS = Section(
    name="functions",
    service=awslambda,
    making="CreateFunction",
    key=("FunctionName",),
    keys=_keys,
    read=_read,
    change=_change,
    kind="function",
    references=(Reference(("DeadLetterConfig", "TargetArn"), ("queue", "topic")),),
    leave_out=frozenset({"Publish", *NOT_EMULATED}),
)


def _mappings(operations: Operations) -> Iterator[EventSourceMapping]:
    yield from operations.scope.functions.mappings_at(operations.engine.clock.now()).values()


def _key_of(mapping: EventSourceMapping) -> Parameters:
    return {"FunctionName": mapping.settings.function_arn, "EventSourceArn": mapping.queue_arn}


def _mapping_keys(operations: Operations) -> Iterator[Parameters]:
    """Yield those of functions that were created: of others, a worker has to be there before the mapping."""
    for mapping in _mappings(operations):
        if operations.engine.functions.deployed(mapping.settings.function_arn) is not None:
            yield _key_of(mapping)


def _find_mapping(operations: Operations, key: Parameters) -> EventSourceMapping | None:
    wanted = {name: key.get(name) for name in ("FunctionName", "EventSourceArn")}
    return next((one for one in _mappings(operations) if _key_of(one) == wanted), None)


def _read_mapping(operations: Operations, key: Parameters) -> Parameters | None:
    mapping = _find_mapping(operations, key)
    if mapping is None:
        return None
    written = write_mapping(mapping, operations.engine.clock.now())
    settings = {name: value for name, value in written.items() if name in MAPPINGS.members}
    enabled = {"Enabled": mapping.settings.enabled, "Tags": dict(mapping.tags)}
    return present({**_key_of(mapping), **settings, **enabled})


def _change_mapping(operations: Operations, there: Parameters, differing: Parameters) -> None:
    mapping = _find_mapping(operations, there)
    if mapping is None:
        return
    tags = differing.pop("Tags", None)
    if tags is not None:
        operations(awslambda, "TagResource", Resource=mapping.arn, Tags=tags)
    if differing:
        operations(awslambda, "UpdateEventSourceMapping", UUID=mapping.uuid, **differing)


MAPPINGS = Section(
    name="mappings",
    service=awslambda,
    making="CreateEventSourceMapping",
    key=("FunctionName", "EventSourceArn"),
    keys=_mapping_keys,
    read=_read_mapping,
    change=_change_mapping,
    references=(
        Reference(("FunctionName",), ("function",)),
        Reference(("EventSourceArn",), ("queue",)),
    ),
    leave_out=FOREIGN | {"SelfManagedEventSource"},
)
