"""What the owner of an event source mapping can set."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from pocketbus.rules.pattern import Pattern


class MappingSettings(Struct, frozen=True):
    """What a mapping's owner sets, replaced as a whole; `parameters` have no effect here."""

    function_arn: str
    enabled: bool = True
    batch_size: int = 10
    window_seconds: int = 0
    filters: tuple[Pattern, ...] = ()
    maximum_concurrency: int | None = None
    reports_failures: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
