"""The resources of the running server, written down as a seed that makes them again; and a seed applied to it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import Parameters, json_object
from pocketbus.apis.control.paths import Path, as_json
from pocketbus.apis.endpoint import base_url, read_body
from pocketbus.apis.seeds.applying import apply_seed
from pocketbus.apis.seeds.document import entries_of
from pocketbus.apis.seeds.exporting import export_seed
from pocketbus.apis.seeds.section import SeedError
from pocketbus.emulator.engine import Engine

RESOURCES = "/_pocketbus/resources"


async def export(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    return export_seed(engine)


def resource_routes(engine: Engine) -> list[Route]:
    async def apply(request: Request) -> Response:
        """Apply the seed that the body is; on any mistake, tell each with the path to it, and change nothing."""
        body = await read_body(dict(request.scope["headers"]), request.receive)
        host = base_url(request.scope["scheme"], request.headers.get("host", "").encode("latin-1"))
        try:
            apply_seed(engine, entries_of(json_object(body)), host or "")
        except SeedError as error:
            mistakes = [{"path": list(one.path), "error": one.text} for one in error.mistakes]
            return as_json({"error": str(error), "mistakes": mistakes}, 400)
        return as_json({"status": "ok"})

    return [Path(RESOURCES, ("GET",), (), export).route(engine), Route(RESOURCES, apply, methods=["POST"])]
