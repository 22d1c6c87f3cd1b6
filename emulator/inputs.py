"""What inputs do, by the name under which the journal keeps them: how a replay repeats them.

The operations, which are the apis' affair, are not among them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.course import BREAK, STEP
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.door import ADVANCE, START, Branch
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.attached import Attached
from pocketbus.emulator.functions.invocation import Result
from pocketbus.emulator.functions.workers import gone
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.shards.channels import Answer, Carriage
from pocketbus.emulator.state.document import Part, import_state, reset_state
from pocketbus.emulator.trouble.incident import Where

Repeat = Callable[..., object]
"""Carries an input out anew, with the engine and the arguments that were kept."""


class UnknownInputError(LookupError):
    """A journal names an input that this release does not know, or a resource or course that is not there."""


def repeat(engine: Engine, name: str, arguments: list[Any]) -> None:
    """Carry an input out anew. Raise UnknownInputError; what else it raises, it raised before."""
    if name not in INPUTS:
        raise UnknownInputError(f"there is no input {name!r}")
    INPUTS[name](engine, *arguments)


def _queue(engine: Engine, arn: str) -> Queue:
    found = engine.resources.get(arn)
    if not isinstance(found, Queue):
        raise UnknownInputError(f"there is no queue {arn}")
    return found


def _message(queue: Queue, message_id: str) -> Message:
    for message in queue:
        if message.message_id == message_id:
            return message
    raise UnknownInputError(f"the queue {queue.arn} holds no message {message_id}")


def _step(engine: Engine, number: int, *, broken_off: bool = False) -> None:
    if number not in engine.door.courses:
        raise UnknownInputError(f"there is no course {number} under way")
    engine.door.go_on(number, broken_off=broken_off)


def _settle(engine: Engine, arn: str, now: float, most: int | None) -> None:
    _queue(engine, arn).settle(now, most)


def _crash(engine: Engine, arn: str, now: float) -> None:
    _queue(engine, arn).begin_return(now)


def _delete_message(engine: Engine, arn: str, message_id: str, now: float) -> None:
    queue = _queue(engine, arn)
    queue.remove(_message(queue, message_id), now)


def _move_message(engine: Engine, arn: str, message_id: str, target: str, now: float) -> None:
    queue = _queue(engine, arn)
    queue.move(_message(queue, message_id), _queue(engine, target), now)


def _fire_rule(engine: Engine, bus_arn: str, name: str, now: float) -> None:
    bus = engine.resources.get(bus_arn)
    if not isinstance(bus, Bus):
        raise UnknownInputError(f"there is no bus {bus_arn}")
    bus.rules[name].fire(now, now)


def _bus(engine: Engine, arn: str) -> CustomBus:
    found = engine.resources.get(arn)
    if not isinstance(found, CustomBus):
        raise UnknownInputError(f"there is no custom event bus {arn}")
    return found


def _receive(
    engine: Engine,
    arn: str,
    text: str,
    content_type: str,
    metadata: Mapping[str, str],
    owner: str,
    once: bool,
    now: float,
) -> None:
    _bus(engine, arn).receive(text, content_type, metadata, owner=owner, once=once, now=now)


def _rewind(engine: Engine, bus_arn: str, arn: str, position: int) -> None:
    subscribers = _bus(engine, bus_arn).subscribers
    if arn not in subscribers:
        raise UnknownInputError(f"there is no subscriber {arn}")
    subscribers[arn].rewind(position)


def _feed(engine: Engine, arn: str, records: list[Mapping[str, Any]], now: float) -> None:
    pipe = engine.scope_of(arn).pipes.pipes.get(arn.rpartition("/")[2])
    if pipe is None:
        raise UnknownInputError(f"there is no pipe {arn}")
    pipe.feed(records, now)


def _fault(
    engine: Engine,
    kind: str,
    where: Mapping[str, Any],
    details: Mapping[str, Any],
    probability: float,
    count: int | None,
    seconds: float | None,
    seed: int | None,
) -> None:
    engine.faults.add(
        kind, Where(**where), details, probability=probability, count=count, seconds=seconds, seed=seed
    )


def _clear_faults(engine: Engine, number: int | None, account: str | None) -> None:
    engine.faults.clear(number, account)


def _opt_out(engine: Engine, account: str, region: str, number: str) -> None:
    engine.scope(account, region).sns.sms.opt_out(number)


def _seed(engine: Engine, number: int) -> None:
    engine.ids.restore(Ids(number).state())


def _reset(engine: Engine, account: str | None, region: str | None, service: str | None) -> None:
    reset_state(engine, Part(account, region, service))


def _attached(engine: Engine, arn: str) -> Attached:
    return engine.functions.at(arn).attached


INPUTS: Final[Mapping[str, Repeat]] = {
    START: lambda _engine, _version: None,
    # The clock
    "ring": lambda engine: engine.timers.ring(),
    ADVANCE: lambda engine, at: engine.timers.advance_to(at),
    "freeze": lambda engine: engine.freeze(),
    "thaw": lambda engine: engine.thaw(),
    "follow the system": lambda engine: engine.follow_the_system(),
    "begin schedules anew": lambda engine: engine.begin_schedules_anew(),
    # Work in several steps, and work outside
    STEP: _step,
    BREAK: lambda engine, number: _step(engine, number, broken_off=True),
    "outcome": lambda engine, number, outcome: engine.door.hear(number, outcome),
    "release polls": lambda engine: engine.release_polls(),
    # Queues, rules and phones by hand
    "settle": _settle,
    "crash": _crash,
    "delete message": _delete_message,
    "move message": _move_message,
    "fire rule": _fire_rule,
    "opt out": _opt_out,
    "forget captured": lambda engine, places: engine.outbox.discard(places),
    # Other shards
    "arrived": lambda engine, shard, *carriage: engine.exchange.arrive(shard, Carriage(*carriage)),
    "told": lambda engine, shard, taken, told: engine.exchange.hear(shard, Answer.of([taken, told])),
    # Custom event buses and pipes by hand
    "receive": _receive,
    "rewind": _rewind,
    "settle bus": lambda engine, arn, now: _bus(engine, arn).settle(now),
    "retain": lambda engine, arn, now: _bus(engine, arn).advance(now),
    "feed": _feed,
    # Faults
    "fault": _fault,
    "clear faults": _clear_faults,
    # The state
    "branch": lambda engine, *branch: engine.door.branch_off(Branch(*branch)),
    "rest": lambda engine: engine.rest(),
    "reset": _reset,
    "import": import_state,
    "seed": _seed,
    # Functions
    "callable": lambda engine, name: engine.functions.handle(name, gone),
    "no callables": lambda engine: engine.functions.forget_handlers(),
    "worker asks": lambda engine, arn, worker, timed: _attached(engine, arn).ask(worker, timed=timed).close(),
    "worker answers": lambda engine, arn, number, result: _attached(engine, arn).answer(
        number, Result(*result)
    ),
    "worker leaves": lambda engine, arn, worker, reason: _attached(engine, arn).leave(worker, reason),
    "workers are sent away": lambda engine, arn: _attached(engine, arn).release(),
}
