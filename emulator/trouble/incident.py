"""What a fault may strike at, and the terms in which a fault says where."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from msgspec import Struct


class Incident(NamedTuple):
    """What a fault may strike at: a request, an entry of a batch, a message of a queue, a delivery.

    `resources` are the names, ARNs or URLs of what it is about; the trace tells of it under the id `subject`.
    """

    service: str
    operation: str
    resources: tuple[str, ...]
    account: str
    region: str
    subject: str

    @property
    def resource(self) -> str:
        return self.resources[0] if self.resources else ""


class Where(Struct, frozen=True):
    """Which incidents a fault is for, all if it says nothing; in `operation` and `resource`, * stands for any text.

    `resource` is a name, an ARN or a URL.
    """

    service: str | None = None
    operation: str | None = None
    resource: str | None = None
    account: str | None = None
    region: str | None = None

    def covers(self, incident: Incident) -> bool:
        return (
            self.service in (None, incident.service)
            and self.account in (None, incident.account)
            and self.region in (None, incident.region)
            and (self.operation is None or fnmatchcase(incident.operation, self.operation))
            and (self.resource is None or any(_named(one, self.resource) for one in incident.resources))
        )


WHERE = tuple(Where.__struct_fields__)


def _named(resource: str, pattern: str) -> bool:
    last = resource.replace(":", "/").rpartition("/")[2]
    return fnmatchcase(resource, pattern) or fnmatchcase(last, pattern)
