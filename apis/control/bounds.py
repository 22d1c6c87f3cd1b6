"""How much is kept of what clients send, how much can be, and how much gave way so far."""

from typing import Any, Protocol

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.latest import Held


class Keeper(Protocol):
    """What keeps the latest of something."""

    def held(self) -> Held: ...


async def read(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    keepers: dict[str, Keeper] = {
        "trace": engine.trace,
        "outbox": engine.outbox,
        "logs": engine.log_groups,
        "recent": engine.recent,
        "deliveries": engine.courier,
        "retained": engine.log_room,
    }
    if engine.shards is not None:
        keepers["carried"] = engine.exchange
    return {name: keeper.held()._asdict() for name, keeper in keepers.items()}


PATHS = (Path("/_pocketbus/bounds", ("GET",), (), read),)
