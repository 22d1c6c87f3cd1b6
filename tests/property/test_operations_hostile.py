"""Random inputs of every operation, made from the models: nothing fails, and nothing stays behind."""

import asyncio
import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple
from zlib import crc32

import cbor2
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from pocketbus import Emulator
from pocketbus.apis.model import Operation
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.deliveries.failures import TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.deliveries.http_client import HttpClient
from tests.apis.answers import Recorder
from tests.emulator.full import NEW_YEAR, fill
from tests.property.fuzz import USUAL, cases, complaints
from tests.property.inputs import ODD_TEXTS, Draw, draw_input, mangle
from tests.property.vocabulary import Listening, Vocabulary
from tests.property.world import CBOR, World, living, protocols, read, request_of, written_of

FOLDERS = {"lambda": "awslambda"}
"""Of tests, where a service has a name that Python keeps for itself."""
CALLS = 40
EXAMPLES = max(cases(600) // CALLS // len(SERVICES), 1)
STATE = "/_pocketbus/state"


class Start(NamedTuple):
    """Something of everything: a state as a document, and what was said to bring it about."""

    document: bytes
    vocabulary: Vocabulary


@pytest.fixture(scope="module")
def start() -> Start:
    vocabulary = Vocabulary()
    for service in SERVICES:
        scenario = import_module(f"tests.apis.{FOLDERS.get(service.name, service.name)}.scenario")
        with listening(vocabulary) as heard:
            scenario.everything(Recorder(heard.client(service.name)), heard)
    with listening(vocabulary) as heard:
        fill(heard)
        return Start(json.dumps(heard.export_state()).encode(), vocabulary)


@contextmanager
def listening(vocabulary: Vocabulary) -> Iterator[Any]:
    """Make an emulator whose clients are heard."""
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set(NEW_YEAR)
        yield Listening(emulator, SERVICES, vocabulary)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with asyncio.Runner() as runner, living(runner.get_loop()) as world:
        yield world


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(
        _self: HttpClient, _method: str, url: str, _headers: Mapping[str, str], body: bytes, **_: float
    ) -> HttpAnswer:
        status = (200, 429, 500, 0)[crc32(url.encode() + body) % 4]
        if not status:
            raise TargetUnreachable("no connection")
        return HttpAnswer(status, {}, b"{}")

    monkeypatch.setattr(HttpClient, "request", answer)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_whatever_an_operation_is_given_it_answers_by_its_model(
    world: World, start: Start, service: Service
) -> None:
    successes = {
        name for name in service.coverage().implemented if start.vocabulary.inputs(service.name, name)
    }
    objects: list[int] = []

    # To make a conversation shorter takes minutes, and its last call tells enough.
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        derandomize=USUAL,
        suppress_health_check=[*HealthCheck],
    )
    @given(data=st.data())
    def hold(data: st.DataObject) -> None:
        with complaints() as texts:
            world.control("PUT", STATE, start.document)
            vocabulary = start.vocabulary.copy()
            successes.update(data.draw(conversations(world, service, vocabulary, texts)))
            leave_nothing(world)
        assert texts == []
        objects.append(_objects())

    hold()

    # One that is missing here lacks a call in the scenario of its service.
    assert set(service.coverage().implemented) - successes == set()
    assert objects[-1] <= objects[len(objects) // 2] * 1.05


@st.composite
def conversations(
    draw: st.DrawFn, world: World, service: Service, vocabulary: Vocabulary, texts: list[str]
) -> set[str]:
    """Make calls, most of them of one service, and return the operations of it that succeeded."""
    successes = set()
    for _ in range(CALLS):
        one = service if draw(st.integers(0, 3)) else draw(st.sampled_from(SERVICES))
        operation = one.model.operations[draw(st.sampled_from(one.coverage().implemented))]
        succeeded = call(draw, world, one, operation, vocabulary)
        assert texts == []
        if succeeded and one is service:
            successes.add(operation.name)
        if draw(st.integers(0, 9)) == 9:
            world.elapse(draw(st.sampled_from([0, 1, 30, 300, 3600])))
    return successes


def call(draw: Draw, world: World, service: Service, operation: Operation, vocabulary: Vocabulary) -> bool:
    """Perform an operation with a random input, and tell whether it succeeded."""
    protocol = draw(st.sampled_from(protocols(service)))
    params = draw_input(draw, service.name, operation, vocabulary)
    written = written_of(service, protocol, operation, params)
    is_sound = draw(st.integers(0, 9)) < 9
    if not is_sound:
        written = damaged(draw, written, protocol)
    note(f"{service.name} {protocol} {operation.name} {params if is_sound else written}"[:1000])
    reply = world.ask(request_of(service, written), leaves=draw(st.booleans()))
    if reply is None:
        return False
    assert reply.status < 500 or reply.status == 501, reply.text
    outcome = read(service, protocol, operation, reply)
    if outcome.result is None:
        return False
    if is_sound:
        vocabulary.hear(service, operation.name, params, outcome.result)
    return True


def damaged(draw: Draw, written: dict[str, Any], protocol: str) -> dict[str, Any]:
    """Put something odd into a request as it is written."""
    body = written["body"]
    if isinstance(body, dict):
        odd = draw(st.sampled_from(ODD_TEXTS))
        name = draw(st.sampled_from(sorted(body)))
        changed = draw(st.sampled_from([{name: odd}, {f"{name}.1": odd}, {f"{name}.member.0": odd}]))
        return written | {"body": body | changed}
    if protocol == CBOR:
        return written | {"body": cbor2.dumps(mangle(draw, cbor2.loads(body)))}
    try:
        document = json.loads(body or b"{}")
    except ValueError:  # a payload of any bytes
        return written | {"body": body[1:] + draw(st.binary(max_size=8))}
    return written | {"body": json.dumps(mangle(draw, document)).encode()}


def leave_nothing(world: World) -> None:
    """Take the state out, put it back and forget it."""
    document = world.control("GET", STATE)
    world.control("PUT", STATE, json.dumps(document).encode())
    assert world.control("GET", STATE) == document
    world.control("POST", f"{STATE}/reset")
    engine = world.engine
    assert (engine.scopes, engine.resources, len(engine.timers), engine.next_at) == ([], {}, 0, None)
    assert {kept["items"] for kept in world.control("GET", "/_pocketbus/bounds").values()} == {0}


def _objects() -> int:
    """Count what the emulator has made and not let go of."""
    gc.collect()
    return sum(str(type(one).__module__).startswith("pocketbus.") for one in gc.get_objects())
