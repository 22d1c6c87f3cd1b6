"""Versions of functions: publish, list."""

from typing import Any

from pocketbus.apis.awslambda.configuration import check_revision, refuse_unemulated, write_configuration
from pocketbus.apis.awslambda.names import find_function, page
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.functions.invocation import LATEST


@awslambda.operation
def publish_version(
    call: Call,
    *,
    function_name: str,
    code_sha256: str | None = None,
    description: str | None = None,
    revision_id: str | None = None,
    publish_to: str | None = None,
) -> dict[str, Any]:
    refuse_unemulated({"PublishTo": publish_to})
    function, _ = find_function(call, function_name)
    check_revision(revision_id, function.latest.revision_id)
    if code_sha256 not in {None, function.latest.code.sha256}:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST "
            f"({function.latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST."
        )
    return write_configuration(function, function.publish(description, call.engine.ids.uuid()))


@awslambda.operation
def list_versions_by_function(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    shown, following = page(sorted_by(_order, function.versions), _order, marker, max_items)
    written = [write_configuration(function, version, qualified=True) for version in shown]
    return {"Versions": written, "NextMarker": following}


def _order(version: str) -> str:
    """Sort $LATEST before the numbers, and these by their value."""
    return "" if version == LATEST else version.zfill(12)
