"""Resets, as any of the control paths asks for one; the server's seed once more, if that is asked for too."""

from starlette.requests import Request

from pocketbus.apis.control.parameters import Parameters, parameters_of
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import WHOLE, Part, reset_state


async def reset(engine: Engine, startup: Startup, parameters: Parameters, part: Part = WHOLE) -> None:
    """Forget a part of the state and, if `init` asks for it, seed anew. Raise SeedingError."""
    seeds = parameters.flag("init")
    if seeds and not startup.ready:
        # A script of the seed that asks for this would wait for itself.
        raise SeedingError("The server is being seeded already.")
    reset_state(engine, part)
    if seeds:
        await startup.seed()


async def reset_all(engine: Engine, startup: Startup, request: Request) -> None:
    """Forget all, as a request asks. Raise SeedingError, ParameterError."""
    await reset(engine, startup, await parameters_of(request, ("init",)))
