"""Changes of a function's code and configuration."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
    zip_file: bytes | None = None,
    s3_bucket: str | None = None,
    s3_key: str | None = None,
    s3_object_version: str | None = None,
    s3_object_storage_mode: str | None = None,
    image_uri: str | None = None,
    architectures: list[str] | None = None,
    publish: bool = False,
    publish_to: str | None = None,
    dry_run: bool = False,
    revision_id: str | None = None,
    source_kms_key_arn: str | None = None,
) -> Wire:
    refuse_unemulated({"PublishTo": publish_to})
    function, _ = find_function(call, function_name)
    check_revision(revision_id, function.latest.revision_id)
    code = read_code(
        call,
        {
            "ZipFile": zip_file,
            "S3Bucket": s3_bucket,
            "S3Key": s3_key,
            "S3ObjectVersion": s3_object_version,
            "S3ObjectStorageMode": s3_object_storage_mode,
            "ImageUri": image_uri,
            "SourceKMSKeyArn": source_kms_key_arn,
        },
    )
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
    role: str | None = None,
    handler: str | None = None,
    description: str | None = None,
    timeout: int | None = None,
    memory_size: int | None = None,
    vpc_config: Wire | None = None,
    environment: Wire | None = None,
    runtime: str | None = None,
    dead_letter_config: Wire | None = None,
    kms_key_arn: str | None = None,
    tracing_config: Wire | None = None,
    revision_id: str | None = None,
    layers: list[str] | None = None,
    file_system_configs: list[Wire] | None = None,
    image_config: Wire | None = None,
    ephemeral_storage: Wire | None = None,
    snap_start: Wire | None = None,
    logging_config: Wire | None = None,
    capacity_provider_config: Wire | None = None,
    durable_config: Wire | None = None,
    runtime_config: Wire | None = None,
    accelerator_config: Wire | None = None,
) -> Wire:
    refuse_unemulated(
        {
            "CapacityProviderConfig": capacity_provider_config,
            "DurableConfig": durable_config,
            "RuntimeConfig": runtime_config,
            "AcceleratorConfig": accelerator_config,
        }
    )
    function, _ = find_function(call, function_name)
    check_revision(revision_id, function.latest.revision_id)
    changes: Wire = {}
    if description is not None:
        changes["description"] = description
    if timeout is not None:
        changes["timeout_seconds"] = timeout
    if dead_letter_config is not None:
        changes["dead_letter_target"] = dead_letter_config.get("TargetArn") or None
    configuration = {
        "Runtime": runtime,
        "Role": role,
        "Handler": handler,
        "MemorySize": memory_size,
        "VpcConfig": vpc_config,
        "Environment": environment,
        "KMSKeyArn": kms_key_arn,
        "TracingConfig": tracing_config,
        "Layers": layers,
        "FileSystemConfigs": file_system_configs,
        "ImageConfig": image_config,
        "EphemeralStorage": ephemeral_storage,
        "SnapStart": snap_start,
        "LoggingConfig": logging_config,
    }
    _change(call, function, configuration, **changes)
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
