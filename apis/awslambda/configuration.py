"""A function's configuration and code, as requests give and answers show them."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.emulator.errors import (
    CodeStorageExceededException,
    InvalidParameterValueException,
    NotEmulated,
    PreconditionFailedException,
    RequestTooLargeException,
)
from pocketbus.emulator.functions.deployed import Code, DeployedFunction, FunctionSettings
from pocketbus.emulator.functions.invocation import LATEST
from pocketbus.emulator.functions.lambda_scope import CODE_BYTES

_ZIP_BYTES = 50 * 1024 * 1024
NOT_EMULATED = (
    "TenancyConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "RuntimeConfig",
    "AcceleratorConfig",
    "PublishTo",
)
DEFAULTS: Mapping[str, Any] = {
    "MemorySize": 128,
    "PackageType": "Zip",
    "Architectures": ["x86_64"],
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
}


def refuse_unemulated(given: Mapping[str, Any]) -> None:
    for name in NOT_EMULATED:
        if given.get(name) is not None:
            raise NotEmulated(f"{name} of Lambda functions is not emulated.")


def read_code(call: Call, wire: Mapping[str, Any]) -> Code:
    """Keep what was uploaded; of what lies elsewhere, where. It is not run."""
    zip_file = wire.get("ZipFile")
    if zip_file is None:
        place = {name: text for name, text in wire.items() if text is not None}
        if "S3Bucket" not in place and "ImageUri" not in place:
            raise InvalidParameterValueException("Please provide a source for function code.")
        digest = sha256(json.dumps(place, sort_keys=True).encode()).digest()
        return Code(b64encode(digest).decode("ascii"), 0, None, place)
    if len(zip_file) > _ZIP_BYTES:
        raise RequestTooLargeException(f"The code is larger than {_ZIP_BYTES} bytes.")
    if call.scope.functions.code_size + len(zip_file) > CODE_BYTES:
        raise CodeStorageExceededException("Code storage limit exceeded.")
    digest = sha256(zip_file).digest()
    return Code(b64encode(digest).decode("ascii"), len(zip_file), zip_file)


def check_revision(given: str | None, actual: str) -> None:
    if given is not None and given != actual:
        raise PreconditionFailedException(
            "The Revision Id provided does not match the latest Revision Id. "
            "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
        )


def with_defaults(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that has no effect here, with what AWS takes for what is not given."""
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **(given.get("LoggingConfig") or {})}
    present = {member: value for member, value in given.items() if value is not None}
    return {**DEFAULTS, **present, "LoggingConfig": logging}


def write_configuration(
    function: DeployedFunction, version: str, *, qualified: bool = False, pending: bool = False
) -> dict[str, Any]:
    """Write one version. A function is at rest as soon as the answer to its creation is out."""
    settings = function.settings(version)
    configuration = dict(settings.configuration)
    image = configuration.pop("ImageConfig", None)
    snap_start = configuration.pop("SnapStart", None) or {"ApplyOn": "None"}
    layers = configuration.pop("Layers", None)
    configuration.pop("CodeSigningConfigArn", None)
    return {
        **configuration,
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{version}" if qualified or version != LATEST else function.arn,
        "CodeSize": settings.code.size,
        "CodeSha256": settings.code.sha256,
        "Description": settings.description,
        "Timeout": settings.timeout_seconds,
        "LastModified": _iso(settings.modified_at),
        "Version": version,
        "RevisionId": settings.revision_id,
        "DeadLetterConfig": settings.dead_letter_target and {"TargetArn": settings.dead_letter_target},
        "SnapStart": {**snap_start, "OptimizationStatus": "Off"},
        "Layers": None if not layers else [{"Arn": arn, "CodeSize": 0} for arn in layers],
        "ImageConfigResponse": None if image is None else {"ImageConfig": image},
        **(_PENDING if pending else _ACTIVE),
    }


_PENDING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
_ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}


def _iso(at: float) -> str:
    """Write an instant in the form that Lambda alone has.

    >>> _iso(0.5)
    '1970-01-01T00:00:00.500+0000'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def write_code(call: Call, function: DeployedFunction, settings: FunctionSettings) -> dict[str, Any]:
    """Say where a function's code is: what was uploaded, at this very server."""
    place = settings.code.place
    if "ImageUri" in place:
        return {"RepositoryType": "ECR", "ImageUri": place["ImageUri"], "ResolvedImageUri": place["ImageUri"]}
    if "S3Bucket" in place:
        return {"RepositoryType": "S3", "Location": f"s3://{place['S3Bucket']}/{place.get('S3Key', '')}"}
    return {"RepositoryType": "S3", "Location": f"{call.base_url}/_pocketbus/functions/{function.arn}/code"}
