"""Event source mappings: create, get, update, list, delete."""

from typing import Any

from pocketbus.apis import paging
from pocketbus.apis.awslambda.mapping_settings import changed, refuse_foreign, write_mapping
from pocketbus.apis.awslambda.names import Named, named, page
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    NotEmulated,
    ResourceConflictException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from pocketbus.emulator.functions.mapping import EventSourceMapping
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.queues.queue import Queue

Wire = dict[str, Any]

_PAGE = 100


@awslambda.operation
def create_event_source_mapping(
    call: Call,
    *,
    function_name: str,
    event_source_arn: str | None = None,
    self_managed_event_source: Wire | None = None,
    tags: dict[str, str] | None = None,
    **given: Any,
) -> Wire:
    if self_managed_event_source is not None:
        raise NotEmulated("SelfManagedEventSource is not emulated; mappings of SQS queues are.")
    source = _source(event_source_arn)
    refuse_foreign(given)
    function = named(call, function_name)
    settings = changed(MappingSettings(function.qualified_arn), source, given)
    _check_ends(call, function, source)
    _check_new(call, function, source)
    mapping = call.scope.functions.create_mapping(source, settings, tags or {}, call.now)
    return write_mapping(mapping, call.now)


@awslambda.operation
def get_event_source_mapping(call: Call, *, uuid: str) -> Wire:
    return write_mapping(_find(call, uuid), call.now)


@awslambda.operation
def update_event_source_mapping(
    call: Call, *, uuid: str, function_name: str | None = None, **given: Any
) -> Wire:
    """Change what is given. Raise ResourceInUseException while an earlier change is under way."""
    mapping = _find(call, uuid)
    refuse_foreign(given)
    if mapping.in_transition(call.now):
        raise ResourceInUseException("Cannot update the event source mapping because it is in use.")
    function = named(call, function_name or mapping.settings.function_arn)
    settings = changed(mapping.settings, mapping.queue_arn, {**given, "FunctionArn": function.qualified_arn})
    if function_name is not None:
        _check_ends(call, function, mapping.queue_arn)
    mapping.configure(settings, call.now)
    return write_mapping(mapping, call.now)


@awslambda.operation
def delete_event_source_mapping(call: Call, *, uuid: str) -> Wire:
    mapping = _find(call, uuid)
    if mapping.in_transition(call.now):
        raise ResourceInUseException("Cannot delete the event source mapping because it is in use.")
    mapping.delete(call.now)
    return write_mapping(mapping, call.now)


@awslambda.operation
def list_event_source_mappings(
    call: Call,
    *,
    event_source_arn: str | None = None,
    function_name: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Wire:
    wanted = None if function_name is None else named(call, function_name).qualified_arn

    def wants(mapping: EventSourceMapping) -> bool:
        return event_source_arn in {None, mapping.queue_arn} and wanted in {
            None,
            mapping.settings.function_arn,
        }

    found = paging.named(call.scope.functions.mappings_at(call.now), wants=wants)
    shown, following = page(found, lambda mapping: mapping.uuid, marker, max_items, _PAGE)
    return {
        "EventSourceMappings": [write_mapping(mapping, call.now) for mapping in shown],
        "NextMarker": following,
    }


def _find(call: Call, uuid: str) -> EventSourceMapping:
    mapping = call.scope.functions.mappings_at(call.now).get(uuid)
    if mapping is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return mapping


def _source(arn_text: str | None) -> str:
    arn = Arn.parse(arn_text or "")
    if arn is None or not arn_text:
        raise InvalidParameterValueException("Unrecognized event source.")
    if arn.service != "sqs":
        raise NotEmulated(
            f"Event source mappings of {arn.service} are not emulated; those of SQS queues are."
        )
    return arn_text


def _check_ends(call: Call, function: Named, source: str) -> None:
    """Refuse a function or a queue that is not there, and a queue that gives a message out again too early."""
    functions = call.engine.functions
    deployed = functions.deployed(function.arn)
    lacks = deployed is not None and function.qualifier is not None and not deployed.has(function.qualifier)
    if lacks or not functions.known(function.arn):
        raise InvalidParameterValueException("Function does not exist")
    queue = call.engine.resources.get(source)
    if not isinstance(queue, Queue):
        raise InvalidParameterValueException(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    visibility, timeout = (
        queue.settings.visibility_timeout,
        0 if deployed is None else deployed.latest.timeout_seconds,
    )
    if visibility < timeout:
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )


def _check_new(call: Call, function: Named, source: str) -> None:
    for mapping in call.scope.functions.mappings_at(call.now).values():
        if (mapping.queue_arn, mapping.settings.function_arn) == (source, function.qualified_arn):
            raise ResourceConflictException(
                f'An event source mapping with SQS arn (" {source} ") and function (" {function.name} ") '
                f"already exists. Please update or delete the existing mapping with UUID {mapping.uuid}"
            )
