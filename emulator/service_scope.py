"""What one service has in one account and region."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any, ClassVar

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core, Resource
from pocketbus.emulator.logs.log import Log
from pocketbus.emulator.releases import Container, remains_of


class ServiceScope(ABC):
    """Makes, keeps and withdraws the resources of one service."""

    service: ClassVar[str]
    """The service as ARNs name it."""
    owns: ClassVar[tuple[str, ...]]
    """The ARNs, by service or by service and kind, behind which there is nothing if there is no resource here."""
    holds: ClassVar[tuple[str, ...]]
    """The attributes that make up the state, under which names it is written."""

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

    def logs(self) -> Iterator[Log[Any]]:
        """Yield the logs of what is here."""
        yield from ()

    def end(self) -> None:  # noqa: B027 - most services do nothing by themselves
        """Keep what is here from doing anything later by itself."""

    def resume(self) -> None:  # noqa: B027 - most services wait for nothing
        """Begin to wait at others for what was kept, once all is in its place."""

    def begin_anew(self, now: float) -> None:  # noqa: B027 - most services have no schedule
        """Let what happens by a schedule be due after `now`, to which the clock has gone back."""

    def remains(self) -> Iterator[Container]:
        """Yield what holds much beside the resources, once nobody asks for it any more."""
        return iter(())

    def at_work(self) -> Iterable[Any]:
        """Return what here does something by itself: it tells where it stands, and stands there again."""
        return ()

    @property
    def untouched(self) -> bool:
        """Tell whether nothing is here that is not there from the start."""
        return not any(getattr(self, name) for name in self.holds)

    def arn(self, resource: str) -> str:
        return str(Arn.of(self.service, self.region, self.account, resource))

    def kept(self, now: float) -> dict[str, Any]:  # noqa: ARG002 - for those that first let go of what is over
        """Return what is here, by the names that `holds` tells."""
        return {name: getattr(self, name) for name in self.holds}

    def keep(self, kept: Mapping[str, Any]) -> None:
        """Put what `kept` told in the place of what is here."""
        self.withdraw()
        for name, value in kept.items():
            is_listed = isinstance(getattr(self, name, None), Catalogue)
            setattr(self, name, Catalogue(value) if is_listed else value)
        for log in self.logs():
            log.open()
        for resource in self.resources():
            self._core.enter(resource)
            self._core.announce(resource.arn)

    def forget(self, now: float) -> None:
        """Let go of all that is here; who waits is answered with nothing."""
        self.withdraw()
        self.begin(now)

    def withdraw(self) -> None:
        """Take what is here out of the directory, and end what it would do by itself."""
        withdrawn = deque(self.resources())
        for end in (*(resource.close for resource in withdrawn), self.end):
            # Whatever state one is in, it holds up none of the others: a reset clears all.
            with suppress(Exception):
                end()
        for log in self.logs():
            log.close()
        for resource in withdrawn:
            self._core.resources.pop(resource.arn, None)
        self._core.releases.add(chain(remains_of(withdrawn), list(self.remains())))
