"""What CreateFunction makes: settings and code, kept and not run, with versions, aliases and permissions."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pocketbus.emulator.errors import ResourceNotFoundException
from pocketbus.emulator.functions.invocation import LATEST


class Code(Struct, frozen=True):
    """A function's code: what was uploaded, if it was, and where it is said to be; `sha256` is in base64."""

    sha256: str
    size: int
    zip_file: bytes | None = None
    place: Mapping[str, Any] = field(default_factory=dict)


class FunctionSettings(Struct, frozen=True):
    """One version of a function, replaced as a whole.

    `configuration` is what has no effect here, under the names that Lambda gives it.
    """

    configuration: Mapping[str, Any]
    code: Code
    revision_id: str
    modified_at: float
    timeout_seconds: int = 3
    description: str = ""
    dead_letter_target: str | None = None


class Alias(Struct, frozen=True):
    """A name for a version; `weights` gives other versions a share of the invocations."""

    name: str
    version: str
    revision_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)


class EventInvokeConfig(Struct, frozen=True):
    """How often a failed asynchronous invocation is tried again and for how long, and who hears of its end."""

    modified_at: float
    maximum_retry_attempts: int | None = None
    maximum_event_age_seconds: int | None = None
    on_success: str | None = None
    on_failure: str | None = None


class Policy(Struct):
    """Who may invoke a function, a version or an alias; no permission is asked for here."""

    revision_id: str
    statements: list[dict[str, Any]] = field(default_factory=list)


class DeployedFunction:
    """A function that was created. What belongs to a version or an alias is by that name, or `$LATEST`."""

    def __init__(self, arn: str, name: str, settings: FunctionSettings, tags: Mapping[str, str]) -> None:
        self.arn = arn
        self.name = name
        self.tags = dict(tags)
        self.versions: dict[str, FunctionSettings] = {LATEST: settings}
        self.aliases: dict[str, Alias] = {}
        self.policies: dict[str, Policy] = {}
        self.invoke_configs: dict[str, EventInvokeConfig] = {}
        self.reserved_concurrency: int | None = None
        self._published = 0

    @property
    def latest(self) -> FunctionSettings:
        return self.versions[LATEST]

    @latest.setter
    def latest(self, settings: FunctionSettings) -> None:
        self.versions[LATEST] = settings

    def settings(self, version: str) -> FunctionSettings:
        return self.versions[version]

    def has(self, qualifier: str) -> bool:
        return qualifier in self.versions or qualifier in self.aliases

    def version_of(self, qualifier: str | None, chance: Callable[[], float]) -> str:
        """Return the version that a qualifier means this time. Raise ResourceNotFoundException."""
        if qualifier is None:
            return LATEST
        alias = self.aliases.get(qualifier)
        if alias is None:
            if qualifier not in self.versions:
                raise ResourceNotFoundException(f"Function not found: {self.arn}:{qualifier}")
            return qualifier
        drawn = chance() if alias.weights else 1.0
        for version, weight in alias.weights.items():
            drawn -= weight
            if drawn < 0:
                return version
        return alias.version

    def publish(self, description: str | None, revision_id: str) -> str:
        """Make a version of what is now, unless nothing has changed since the last one; return its number."""
        last = self.versions.get(str(self._published))
        latest = self.latest
        if last is not None and (last.code, last.configuration, last.timeout_seconds) == (
            latest.code,
            latest.configuration,
            latest.timeout_seconds,
        ):
            return str(self._published)
        self._published += 1
        text = latest.description if description is None else description
        self.versions[str(self._published)] = replace(latest, description=text, revision_id=revision_id)
        return str(self._published)

    def delete(self, qualifier: str) -> None:
        """Let a version or an alias go, with what belongs to it."""
        for held in (self.versions, self.aliases, self.policies, self.invoke_configs):
            held.pop(qualifier, None)

    def at_most(self, invocations: int) -> int:
        """Return how many of so many invocations may be under way at a time."""
        reserved = self.reserved_concurrency
        return invocations if reserved is None else min(reserved, invocations)
