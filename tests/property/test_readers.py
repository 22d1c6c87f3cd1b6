"""Operations that are said to change nothing change nothing, whatever they answer."""

import asyncio

from pocketbus.apis.readers import is_reader
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.state.document import export_lines
from tests.property.test_operations_hostile import STATE, Start, _no_network, start
from tests.property.world import World, living, protocols, request_of, written_of

__all__ = ["_no_network", "start"]

SOME = 4
"""So many of the inputs that were heard of an operation are tried."""


def test_no_reading_operation_moves_anything(start: Start) -> None:
    moved, tried = [], set()
    with asyncio.Runner() as runner, living(runner.get_loop()) as world:
        world.control("PUT", STATE, start.document)
        for service in SERVICES:
            for name in service.coverage().implemented:
                if not is_reader(service.name, name):
                    continue
                operation = service.model.operations[name]
                for params in start.vocabulary.inputs(service.name, name)[:SOME]:
                    before = _state(world)
                    for protocol in protocols(service):
                        world.ask(request_of(service, written_of(service, protocol, operation, params)))
                    tried.add(name)
                    if _state(world) != before:
                        moved.append(f"{service.name}.{name} {params}")

    assert moved == []
    assert len(tried) > 50


def _state(world: World) -> bytes:
    return b"".join(export_lines(world.engine))
