"""Lambda in one account and region: functions that were created, and the mappings that bring queues to functions."""

from collections.abc import Iterable, Mapping
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Resource
from pocketbus.emulator.functions.deployed import DeployedFunction, FunctionSettings
from pocketbus.emulator.functions.invocation import name_of
from pocketbus.emulator.functions.mapping import EventSourceMapping
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.service_scope import ServiceScope

CODE_BYTES = 256 * 1024 * 1024
"""How much code is kept in one account and region; AWS keeps 75 GB."""


class LambdaScope(ServiceScope):
    """Functions are by name, mappings by their UUID in order of creation."""

    service = "lambda"
    owns = ()
    holds = ("functions", "mappings")

    def begin(self, now: float) -> None:  # noqa: ARG002
        self.functions: Catalogue[DeployedFunction] = Catalogue()
        self.mappings: Catalogue[EventSourceMapping] = Catalogue()

    def resources(self) -> tuple[Resource, ...]:
        """A function takes deliveries whether it was created or not: that is a gateway's affair."""
        return ()

    def end(self) -> None:
        for mapping in self.mappings.values():
            mapping.close()

    def resume(self) -> None:
        for mapping in self.mappings.values():
            mapping.resume()

    def at_work(self) -> Iterable[EventSourceMapping]:
        return self.mappings.values()

    def begin_anew(self, now: float) -> None:
        """Have the mappings wait at their queues again: a clock that goes back sends everybody away there."""
        for mapping in self.mappings.values():
            mapping.begin_anew(now)

    def kept(self, now: float) -> dict[str, Any]:
        self.mappings_at(now)
        return super().kept(now)

    def find(self, arn: str) -> DeployedFunction | None:
        """Return the function that an ARN names, if it was created."""
        return self.functions.get(name_of(arn)) if arn.count(":") > 5 else None

    def create_function(
        self, name: str, settings: FunctionSettings, tags: Mapping[str, str]
    ) -> DeployedFunction:
        """Make a function of a name that is not taken."""
        function = self.functions[name] = DeployedFunction(self.arn(f"function:{name}"), name, settings, tags)
        return function

    @property
    def code_size(self) -> int:
        """Count the bytes of code that are kept, those of versions included."""
        codes = {
            id(settings.code): settings.code
            for function in self.functions.values()
            for settings in function.versions.values()
        }
        return sum(len(code.zip_file or b"") for code in codes.values())

    def mappings_at(self, now: float) -> Catalogue[EventSourceMapping]:
        """Return the mappings, after forgetting those that were deleted earlier."""
        for uuid in [uuid for uuid, mapping in self.mappings.items() if mapping.gone(now)]:
            del self.mappings[uuid]
        return self.mappings

    def create_mapping(
        self, queue_arn: str, settings: MappingSettings, tags: Mapping[str, str], now: float
    ) -> EventSourceMapping:
        uuid = self._core.ids.uuid()
        arn = self.arn(f"event-source-mapping:{uuid}")
        mapping = EventSourceMapping(uuid, arn, queue_arn, settings, tags, self._core, now)
        self.mappings[uuid] = mapping
        return mapping
