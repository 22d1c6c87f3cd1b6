"""Changes of a function's code and configuration."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.awslambda.configuration import (
    check_revision,
    read_code,
    refuse_unemulated,
    write_configuration,
)
from pocketbus.apis.awslambda.names import find_function
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.emulator.functions.deployed import DeployedFunction
from pocketbus.emulator.functions.invocation import LATEST

Wire = dict[str, Any]


@awslambda.operation
def update_function_code(
    call: Call,
    *,
    function_name: str,
    architectures: list[str] | None = None,
    publish: bool = False,
    dry_run: bool = False,
    revision_id: str | None = None,
    **given: Any,
) -> Wire:
    refuse_unemulated(given)
    function, _ = find_function(call, function_name)
    check_revision(revision_id, function.latest.revision_id)
    code = read_code(call, given)
    before = function.latest
    _change(call, function, {"Architectures": architectures}, code=code)
    version = function.publish(None, call.engine.ids.uuid()) if publish and not dry_run else LATEST
    written = write_configuration(function, version)
    if dry_run:
        function.latest = before
    return written


@awslambda.operation
def update_function_configuration(
    call: Call,
    *,
    function_name: str,
    description: str | None = None,
    timeout: int | None = None,
    dead_letter_config: Wire | None = None,
    revision_id: str | None = None,
    **given: Any,
) -> Wire:
    refuse_unemulated(given)
    function, _ = find_function(call, function_name)
    check_revision(revision_id, function.latest.revision_id)
    changes: Wire = {}
    if description is not None:
        changes["description"] = description
    if timeout is not None:
        changes["timeout_seconds"] = timeout
    if dead_letter_config is not None:
        changes["dead_letter_target"] = dead_letter_config.get("TargetArn") or None
    _change(call, function, given, **changes)
    return write_configuration(function, LATEST)


def _change(call: Call, function: DeployedFunction, given: Mapping[str, Any], **changes: Any) -> None:
    """Replace what is given, and leave the rest."""
    latest = function.latest
    present = {name: value for name, value in given.items() if value is not None}
    function.latest = replace(
        latest,
        configuration={**latest.configuration, **present},
        revision_id=call.engine.ids.uuid(),
        modified_at=call.now,
        **changes,
    )
