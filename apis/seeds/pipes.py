"""The section of pipes."""

from collections.abc import Iterator
from typing import Any

from pocketbus.apis.pipes.service import pipes
from pocketbus.apis.pipes.sources import parameters_of
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.errors import ConflictException, NotFoundException

_SETTINGS = (
    *("Source", "SourceParameters", "Enrichment", "EnrichmentParameters", "Target", "TargetParameters"),
    *("Description", "DesiredState", "RoleArn", "LogConfiguration", "KmsKeyIdentifier"),
)
_SIZE = "BatchSize"


def _keys(operations: Operations) -> Iterator[Parameters]:
    for pipe in operations.pages(pipes, "ListPipes", "Pipes"):
        yield {"Name": pipe["Name"]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        pipe = operations(pipes, "DescribePipe", Name=key["Name"])
    except NotFoundException:
        return None
    settings = {name: pipe[name] for name in _SETTINGS}
    settings["SourceParameters"] = _as_given(pipe, key.get("SourceParameters", {}))
    return present({"Name": key["Name"], **settings, "Tags": pipe["Tags"]})


def _as_given(pipe: Parameters, wanted: Parameters) -> dict[str, Any]:
    """Leave out a batch size that is AWS's own, unless it was asked for."""
    default = parameters_of(pipe["Source"]).batch_size
    return {
        name: {
            member: value
            for member, value in block.items()
            if (member, value) != (_SIZE, default) or _SIZE in wanted.get(name, {})
        }
        for name, block in pipe["SourceParameters"].items()
    }


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    if "Source" in differing:
        raise ConflictException(f"The source of the pipe {there['Name']} cannot be changed.")
    arn = operations(pipes, "DescribePipe", Name=there["Name"])["Arn"]
    if "Tags" in differing:
        operations(pipes, "TagResource", resourceArn=arn, tags=differing.pop("Tags"))
    if differing:
        given = {"Name": there["Name"], "RoleArn": there["RoleArn"], **differing}
        operations(pipes, "UpdatePipe", **given)


PIPES = Section(
    name="pipes",
    service=pipes,
    making="CreatePipe",
    key=("Name",),
    keys=_keys,
    read=_read,
    change=_change,
    references=(
        Reference(("Source",), ("queue",)),
        Reference(("Enrichment",), ("function",)),
        Reference(("Target",), ("queue", "topic", "bus", "function")),
        *(
            Reference(("SourceParameters", source, "DeadLetterConfig", "Arn"), ("queue", "topic"))
            for source in ("KinesisStreamParameters", "DynamoDBStreamParameters")
        ),
    ),
)
