"""The resources, written down as a seed that makes them again; and a seed applied to the running server."""

from typing import Any

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.apis.seeds.exporting import export_seed
from pocketbus.emulator.engine import Engine


async def export(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    return export_seed(engine)


PATHS = (Path("/_pocketbus/resources", ("GET",), (), export),)
