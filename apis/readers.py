"""Which operations change nothing, so that no journal has to know of them."""

from typing import Final

READING: Final = ("Check", "Describe", "Get", "List", "Test")
"""How their names begin, whatever they draw for their answers."""

READERS: Final = frozenset({"sts"})
"""The services all of whose operations are such: who somebody is, is in what they carry."""


def is_reader(service: str, operation: str) -> bool:
    """Tell whether an operation changes nothing."""
    return operation.startswith(READING) or service in READERS
