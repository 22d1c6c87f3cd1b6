"""Amazon Resource Names, taken apart and put together."""

import re
from typing import NamedTuple

ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}
_ELEMENTS = 6


class Arn(NamedTuple):
    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn | None":
        """Return the parts of `arn:partition:service:region:account:resource`, or None if it is no ARN."""
        elements = text.split(":", _ELEMENTS - 1)
        if len(elements) < _ELEMENTS or elements[0] != "arn":
            return None
        return cls(*elements[1:])

    @classmethod
    def of(cls, service: str, region: str, account: str, resource: str) -> "Arn":
        """Name a resource in the partition its region lies in."""
        return cls(partition_of(region), service, region, account, resource)

    @property
    def kind(self) -> str:
        """The word with which the resource begins, where there are several kinds.

        >>> Arn.of("events", "us-east-1", "000000000000", "api-destination/crm/1").kind
        'api-destination'
        """
        return self.resource.replace("/", ":").partition(":")[0]

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def partition_of(region: str) -> str:
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


def fault_of(text: str) -> str | None:
    """Say in SNS's words what keeps a text from being an ARN, or None if it has enough elements."""
    elements = text.count(":") + 1
    return f"An ARN must have at least {_ELEMENTS} elements, not {elements}" if elements < _ELEMENTS else None
