"""Two shards whose carriages get lost, come again and overtake one another, and whose engines end at any time.

Whatever happens, in the end each message is in its queue once, in the order of its group, or in its dead-letter queue;
and each engine is what its inputs alone make of it.
"""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.emulator.state.document import export_lines
from pocketbus.journal.record import dumps
from tests.emulator.shards.sides import Side, Sides
from tests.property.fuzz import USUAL, cases

GROUPS = ("a", "b")
MANY = 60
SIDE = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("publish"), SIDE, st.sampled_from(GROUPS)),
    st.tuples(st.just("put"), SIDE),
    st.tuples(st.just("leave"), SIDE),
    st.tuples(st.just("arrive"), SIDE, st.integers(0, 9), st.booleans()),
    st.tuples(st.just("hear"), SIDE, st.integers(0, 9), st.booleans()),
    st.tuples(st.just("snapshot"), SIDE),
    st.tuples(st.just("begin anew"), SIDE),
)
STEPS = st.lists(STEP, min_size=MANY, max_size=MANY)
"""So many that some are lost: short histories are found in long ones."""


class World:
    """The two sides, the carriages and answers that are on their way, and what was sent."""

    def __init__(self) -> None:
        self.sides = Sides()
        self.carriages: list[list[bytes]] = [[], []]
        self.answers: list[list[bytes]] = [[], []]
        self.published: list[dict[str, list[str]]] = [{group: [] for group in GROUPS} for _ in range(2)]
        self.put: list[list[int]] = [[], []]

    def side(self, number: int) -> Side:
        return (self.sides.here, self.sides.there)[number]

    async def prepare(self) -> None:
        """Have each side send to the other: a FIFO topic, a rule to a queue, a rule to one that is missing."""
        for side in self.sides:
            await side.queue("in.fifo")
            await side.queue("events")
            await side.queue("dead")
            await side.topic("out.fifo")
        for side in self.sides:
            other = self.sides.other(side)
            await side.call(
                "sns",
                "Subscribe",
                TopicArn=side.arn("sns", "out.fifo"),
                Protocol="sqs",
                Endpoint=other.arn("sqs", "in.fifo"),
            )
            await side.rule("there", other.arn("sqs", "events"))
            letters = {"DeadLetterConfig": {"Arn": side.arn("sqs", "dead")}}
            await side.rule("nowhere", other.arn("sqs", "missing"), **letters)

    async def publish(self, number: int, group: str) -> None:
        texts = self.published[number][group]
        text = f"{group}{len(texts)}"
        texts.append(text)
        side = self.side(number)
        await side.call(
            "sns",
            "Publish",
            TopicArn=side.arn("sns", "out.fifo"),
            Message=text,
            MessageGroupId=group,
            MessageDeduplicationId=text,
        )

    async def put_event(self, number: int) -> None:
        self.put[number].append(len(self.put[number]))
        await self.side(number).put(self.put[number][-1])

    def leave(self, number: int) -> None:
        self.carriages[number].append(self.sides.carriage(self.side(number)))

    def arrive(self, number: int, which: int, *, again: bool) -> None:
        """Have any carriage on its way arrive; it may come again, and its answer may not."""
        carriage = _drawn(self.carriages[number], which, again=again)
        if carriage is not None:
            self.answers[number].append(self.sides.arrive(self.side(number), carriage))

    def hear(self, number: int, which: int, *, again: bool) -> None:
        answer = _drawn(self.answers[number], which, again=again)
        if answer is not None:
            self.sides.hear(self.side(number), answer)

    def begin_anew(self, number: int) -> None:
        side = self.side(number)
        before = self._state(side)
        side.begin_anew()
        assert self._state(side) == before

    def _state(self, side: Side) -> list[bytes]:
        """Return the state, and where the channels stand, at an instant that does not move."""
        engine = side.engine
        engine.clock.hold_at(1.0)
        state = list(export_lines(engine))
        engine.clock.let_go()
        nothing = dumps([0, 0, [], []])
        return [*state, self.sides.carriage(side), self.sides.arrive(self.sides.other(side), nothing)]

    def hold(self) -> None:
        """Bring the rest to its end, and see that all is where it belongs."""
        self.sides.carry()
        for number in range(2):
            here, there = self.side(number), self.side(1 - number)
            messages = [json.loads(body)["Message"] for body in there.bodies("in.fifo")]
            for group, texts in self.published[number].items():
                assert [text for text in messages if text[0] == group] == texts
            assert len(messages) == sum(map(len, self.published[number].values()))
            assert _numbers(there.bodies("events")) == self.put[number]
            assert _numbers(here.bodies("dead")) == self.put[number]


def _drawn(waiting: list[bytes], which: int, *, again: bool) -> bytes | None:
    if not waiting:
        return None
    place = which % len(waiting)
    return waiting[place] if again else waiting.pop(place)


def _numbers(bodies: list[str]) -> list[int]:
    return [json.loads(body)["detail"]["n"] for body in bodies]


async def _go_through(steps: list[Any]) -> None:
    world = World()
    await world.prepare()
    for name, number, *more in steps:
        match name:
            case "publish":
                await world.publish(number, *more)
            case "put":
                await world.put_event(number)
            case "leave":
                world.leave(number)
            case "arrive":
                world.arrive(number, more[0], again=more[1])
            case "hear":
                world.hear(number, more[0], again=more[1])
            case "snapshot":
                world.side(number).snapshot()
            case _:
                world.begin_anew(number)
    world.hold()
    for number in range(2):
        world.begin_anew(number)


@settings(max_examples=cases(25), deadline=None, derandomize=USUAL)
@given(steps=STEPS)
def test_each_message_between_shards_is_taken_once_and_in_order(steps: list[Any]) -> None:
    asyncio.run(_go_through(steps))
