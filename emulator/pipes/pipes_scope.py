"""EventBridge Pipes in one account and region."""

from collections.abc import Iterable, Mapping
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Resource
from pocketbus.emulator.pipes.pipe import Pipe
from pocketbus.emulator.pipes.pipe_settings import PipeSettings
from pocketbus.emulator.service_scope import ServiceScope


class PipesScope(ServiceScope):
    """Pipes are by name."""

    service = "pipes"
    owns = ("pipes",)
    holds = ("pipes",)

    def begin(self, now: float) -> None:  # noqa: ARG002
        self.pipes: Catalogue[Pipe] = Catalogue()

    def resources(self) -> tuple[Resource, ...]:
        """Nothing is delivered to a pipe."""
        return ()

    def end(self) -> None:
        for pipe in self.pipes.values():
            pipe.close()

    def resume(self) -> None:
        for pipe in self.pipes.values():
            pipe.resume()

    def at_work(self) -> Iterable[Pipe]:
        return self.pipes.values()

    def begin_anew(self, now: float) -> None:
        for pipe in self.pipes.values():
            pipe.begin_anew(now)

    def kept(self, now: float) -> dict[str, Any]:
        self.pipes_at(now)
        return super().kept(now)

    def pipes_at(self, now: float) -> Catalogue[Pipe]:
        """Return the pipes by name, after forgetting those that were deleted earlier."""
        for name in [name for name, pipe in self.pipes.items() if pipe.gone(now)]:
            del self.pipes[name]
        return self.pipes

    def create(
        self, name: str, source: str, settings: PipeSettings, tags: Mapping[str, str], now: float
    ) -> Pipe:
        """Make a pipe of a name that is not taken."""
        pipe = Pipe(self.arn(f"pipe/{name}"), name, source, settings, tags, self._core, now)
        self.pipes[name] = pipe
        return pipe
