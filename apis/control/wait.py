"""Waiting over HTTP until a queue, the outbox or the trace holds what a test expects."""

from starlette.responses import Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import MOST_ITEMS, Path, Seats, as_json
from pocketbus.apis.control.trace import SELECTING, selection_of
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expectation import (
    TIMEOUT_SECONDS,
    Expectation,
    OutboxSource,
    QueueSource,
    Source,
    TraceSource,
    Watch,
)
from pocketbus.emulator.inspection.expression import compile_expression
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.logs import CaughtUpSource, find_subscriber
from pocketbus.emulator.queues.queue import Queue

WAITS = 100
_MOST_SECONDS = 3600.0
_MOST_COUNT = 1_000_000

_SOURCES = ("queue", "outbox", "trace", "subscriber")
_PARAMETERS = (*_SOURCES, "account", "region", "subject", *SELECTING, "matching", "count", "quiet", "timeout")


def wait_routes(engine: Engine) -> list[Route]:
    seats = Seats(WAITS, "waits")

    async def wait(engine: Engine, parameters: Parameters) -> Response:
        expectation = _expectation(parameters)
        seats.take()
        try:
            outcome = await Watch(_source(engine, parameters), expectation, engine, MOST_ITEMS).outcome()
        finally:
            seats.leave()
        content = {"met": outcome.met, "count": outcome.count, "items": outcome.items}
        return as_json(content, 200 if outcome.met else 408)

    return [Path("/_pocketbus/wait", ("GET", "POST"), _PARAMETERS, wait).route(engine)]


def _source(engine: Engine, parameters: Parameters) -> Source:
    named = [name for name in _SOURCES if name in parameters]
    if len(named) != 1:
        raise ParameterError("Name one of queue=..., subscriber=..., outbox=true and trace=true.")
    if "queue" in parameters:
        name = parameters.required("queue")
        queue = find(engine, Queue, name, parameters.account(), parameters.region())
        return QueueSource(queue)
    if "subscriber" in parameters:
        name = parameters.required("subscriber")
        subscriber = find_subscriber(engine, name, parameters.account(), parameters.region())
        return CaughtUpSource(engine, subscriber)
    if not parameters.flag(named[0]):
        raise ParameterError(f"The parameter {named[0]} can only be true.")
    if "outbox" in parameters:
        return OutboxSource(engine)
    return TraceSource(engine, selection_of(parameters), parameters.text("subject"))


def _expectation(parameters: Parameters) -> Expectation:
    matching = parameters.text("matching")
    quiet = parameters.seconds("quiet", _MOST_SECONDS)
    timeout = parameters.seconds("timeout", _MOST_SECONDS)
    return Expectation(
        None if matching is None else compile_expression(matching),
        parameters.number("count", 1 if quiet is None else 0, _MOST_COUNT),
        quiet,
        TIMEOUT_SECONDS if timeout is None else timeout,
    )
