"""The section of archives."""

from collections.abc import Iterator

from pocketbus.apis.events.service import events
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.errors import ResourceNotFoundException

_SETTINGS = ("EventSourceArn", "Description", "EventPattern", "RetentionDays", "KmsKeyIdentifier")


def _keys(operations: Operations) -> Iterator[Parameters]:
    for archive in operations.pages(events, "ListArchives", "Archives"):
        yield {"ArchiveName": archive["ArchiveName"]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    name = key["ArchiveName"]
    try:
        archive = operations(events, "DescribeArchive", ArchiveName=name)
    except ResourceNotFoundException:
        return None
    return present({"ArchiveName": name, **{setting: archive[setting] for setting in _SETTINGS}})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    if "EventSourceArn" in differing:
        # An archive stays with its bus: AWS says so to whoever makes it again.
        operations(events, "CreateArchive", **(there | differing))
    operations(events, "UpdateArchive", ArchiveName=there["ArchiveName"], **differing)


ARCHIVES = Section(
    name="archives",
    service=events,
    making="CreateArchive",
    key=("ArchiveName",),
    keys=_keys,
    read=_read,
    change=_change,
    references=(Reference(("EventSourceArn",), ("bus",)),),
)
