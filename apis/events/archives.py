"""Archives: create, describe, list, update, delete."""

from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import Filters, find_bus, read_page
from pocketbus.apis.events.patterns import read_optional_pattern
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import named
from pocketbus.emulator.buses.archive import Archive, ArchiveSettings
from pocketbus.emulator.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)

_STATE = "ENABLED"
"""An archive takes events from its creation on, and AWS answers with this state at once."""


@events.operation
def create_archive(
    call: Call,
    *,
    archive_name: str,
    event_source_arn: str,
    description: str | None = None,
    event_pattern: str | None = None,
    retention_days: int = 0,
    kms_key_identifier: str | None = None,
) -> dict[str, Any]:
    if archive_name in call.scope.events.archives:
        raise ResourceAlreadyExistsException(f"Archive {archive_name} already exists.")
    bus = find_bus(call, event_source_arn, "CreateArchive")
    settings = ArchiveSettings(
        pattern=read_optional_pattern(event_pattern),
        retention_days=retention_days,
        description=description,
        kms_key_identifier=kms_key_identifier,
    )
    return _write_state(call.scope.events.create_archive(archive_name, bus, settings, call.now))


@events.operation
def describe_archive(call: Call, *, archive_name: str) -> dict[str, Any]:
    archive = _find(call, archive_name)
    settings = archive.settings
    return {
        **_write(archive, call.now),
        "ArchiveArn": archive.arn,
        "Description": settings.description,
        "EventPattern": settings.pattern and settings.pattern.text,
        "KmsKeyIdentifier": settings.kms_key_identifier,
    }


@events.operation
def list_archives(
    call: Call,
    *,
    name_prefix: str | None = None,
    event_source_arn: str | None = None,
    state: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    filters = Filters("ListArchives", name_prefix, event_source_arn, state)
    if event_source_arn is not None:
        find_bus(call, event_source_arn, "ListArchives")
    found = named(
        call.scope.events.archives, name_prefix, lambda archive: filters.admit(archive.bus.arn, _STATE)
    )
    page, token = read_page(found, lambda archive: archive.name, next_token, limit)
    return {"Archives": [_write(archive, call.now) for archive in page], "NextToken": token}


@events.operation
def update_archive(
    call: Call,
    *,
    archive_name: str,
    description: str | None = None,
    event_pattern: str | None = None,
    retention_days: int | None = None,
    kms_key_identifier: str | None = None,
) -> dict[str, Any]:
    changes = {
        "description": description,
        "pattern": read_optional_pattern(event_pattern),
        "retention_days": retention_days,
        "kms_key_identifier": kms_key_identifier,
    }
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if not given:
        raise ValidationException(
            "At least one of EventPattern, RetentionDays or Description must be provided."
        )
    archive = _find(call, archive_name)
    archive.configure(replace(archive.settings, **given), call.now)
    return _write_state(archive)


@events.operation
def delete_archive(call: Call, *, archive_name: str) -> None:
    call.scope.events.delete_archive(_find(call, archive_name))


def _find(call: Call, name: str) -> Archive:
    archive = call.scope.events.archives.get(name)
    if archive is None:
        raise ResourceNotFoundException(f"Archive {name} does not exist.")
    return archive


def _write_state(archive: Archive) -> dict[str, Any]:
    return {"ArchiveArn": archive.arn, "State": _STATE, "CreationTime": archive.created_at}


def _write(archive: Archive, now: float) -> dict[str, Any]:
    archive.advance(now)
    return {
        "ArchiveName": archive.name,
        "EventSourceArn": archive.bus.arn,
        "State": _STATE,
        "RetentionDays": archive.settings.retention_days,
        "SizeBytes": archive.log.bytes,
        "EventCount": len(archive.log),
        "CreationTime": archive.created_at,
    }
