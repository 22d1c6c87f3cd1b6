"""What one service has in one account and region."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.core import Core, Resource
from pocketbus.emulator.releases import remains_of


class ServiceScope(ABC):
    """Makes, keeps and withdraws the resources of one service."""

    service: ClassVar[str]
    """The service as ARNs name it."""
    owns: ClassVar[tuple[str, ...]]
    """The ARNs, by service or by service and kind, behind which there is nothing if there is no resource here."""
    holds: ClassVar[tuple[str, ...]]
    """The attributes that make up the state, under which names it is written."""
    kinds: ClassVar[Mapping[str, type[Any]]]
    """What is held by a name there and has an ARN of its own, by those attributes."""

    def __init__(self, account: str, region: str, core: Core) -> None:
        self.account = account
        self.region = region
        self._core = core
        self.begin(core.clock.now())

    @abstractmethod
    def begin(self, now: float) -> None:
        """Hold what is there from the start, and nothing else."""

    @abstractmethod
    def resources(self) -> Iterable[Resource]:
        """Return what can be found by its ARN."""

    def end(self) -> None:  # noqa: B027 - most services do nothing by themselves
        """Keep what is here from doing anything later by itself."""

    def arn(self, resource: str) -> str:
        return str(Arn.of(self.service, self.region, self.account, resource))

    def kept(self, now: float) -> dict[str, Any]:  # noqa: ARG002 - for those that first let go of what is over
        """Return what is here, by the names that `holds` tells."""
        return {name: getattr(self, name) for name in self.holds}

    @classmethod
    def check(cls, kept: Mapping[str, Any]) -> None:
        """Raise TypeError or AttributeError if what was kept is not what `keep` can put in place."""
        for name, kind in cls.kinds.items():
            if not all(isinstance(one, kind) and one.arn for one in kept[name].values()):
                raise TypeError(f"{name} holds something else")

    def keep(self, kept: Mapping[str, Any]) -> None:
        """Put what `kept` told in the place of what is here."""
        self._withdraw()
        for name, value in kept.items():
            setattr(self, name, value)
        for resource in self.resources():
            self._core.resources[resource.arn] = resource

    def forget(self, now: float) -> None:
        """Let go of all that is here; who waits is answered with nothing."""
        self._withdraw()
        self.begin(now)

    def _withdraw(self) -> None:
        withdrawn = deque(self.resources())
        for resource in withdrawn:
            resource.close()
            del self._core.resources[resource.arn]
        self.end()
        self._core.releases.add(remains_of(withdrawn))
