"""Route 53 health checks as the user sets them: what makes a global endpoint fail over."""

from collections.abc import Iterable

from pocketbus.emulator.component import Component


class HealthChecks(Component):
    """The health of each check by its ARN; a check that nobody has spoken of is healthy."""

    kept_as = "health_checks"
    keeps = str

    def __init__(self) -> None:
        self._unhealthy: set[str] = set()

    def healthy(self, arn: str) -> bool:
        return arn not in self._unhealthy

    def set(self, arn: str, *, healthy: bool) -> None:
        if healthy:
            self._unhealthy.discard(arn)
        else:
            self._unhealthy.add(arn)

    def kept(self) -> list[str]:
        return sorted(self._unhealthy)

    def keep(self, kept: Iterable[str]) -> None:
        """Hold what `kept` told, and nothing else."""
        self._unhealthy = set(kept)

    def clear(self) -> None:
        self._unhealthy.clear()
