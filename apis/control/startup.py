"""How far a server has come with its start, for those who wait for it."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, field

STAGES = ("BOOT", "START", "READY", "SHUTDOWN")
"""The stages of a server's life, in the words that scripts for LocalStack know."""
UNKNOWN, RUNNING, SUCCESSFUL, ERROR = "UNKNOWN", "RUNNING", "SUCCESSFUL", "ERROR"
"""The states of a script."""


class Script(Struct):
    """A script of a stage."""

    stage: str
    name: str
    state: str = UNKNOWN


async def _nothing() -> None:
    """Seed nothing."""


class Startup(Struct):
    """What the command tells the control paths of itself; by default of a server that has nothing to prepare."""

    ready: bool = True
    completed: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(STAGES, False))
    scripts: list[Script] = field(default_factory=list)
    variables: Mapping[str, str] = field(default_factory=dict)
    """The variables of other emulators that were set."""
    seed: Callable[[], Awaitable[None]] = _nothing
    """Applies the seed and runs its scripts. Raise SeedingError."""
    end: Callable[[], object] | None = None
    """Ends the server, where it is one that a client may end."""
