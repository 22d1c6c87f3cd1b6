"""The section of platform applications of mobile push, credentials included."""

from collections.abc import Iterator

from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.apis.sns.platform_attributes import SETTABLE_NAMES
from pocketbus.apis.sns.service import sns

_TOPICS = ("EventEndpointCreated", "EventEndpointDeleted", "EventEndpointUpdated", "EventDeliveryFailure")


def _keys(operations: Operations) -> Iterator[Parameters]:
    for application in operations.scope.sns.platform_applications.values():
        _, platform, name = application.arn.split("/")
        yield {"Name": name, "Platform": platform}


def _arn(operations: Operations, key: Parameters) -> str:
    return operations.scope.sns.arn(f"app/{key['Platform']}/{key['Name']}")


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    application = operations.scope.sns.platform_applications.get(_arn(operations, key))
    if application is None:
        return None
    own = {name: key[name] for name in ("Name", "Platform")}
    return present({**own, "Attributes": dict(application.attributes)})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(
        sns,
        "SetPlatformApplicationAttributes",
        PlatformApplicationArn=_arn(operations, there),
        Attributes=differing["Attributes"],
    )


PLATFORM_APPLICATIONS = Section(
    name="platform_applications",
    service=sns,
    making="CreatePlatformApplication",
    key=("Name", "Platform"),
    keys=_keys,
    read=_read,
    change=_change,
    attributes=SETTABLE_NAMES,
    defaults={"Enabled": "true"},
    references=tuple(Reference(("Attributes", name), ("topic",)) for name in _TOPICS),
)
