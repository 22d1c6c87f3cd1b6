"""Whatever enrichments and targets answer, no message of a pipe is lost, and none is deleted that did not succeed."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus import Emulator

VISIBILITY = 30
RECEIVES = 3
ARN = "arn:aws:{}:us-east-1:000000000000:{}".format

FAILS, NONSENSE, DROPS = ("fails", "nonsense", "drops")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 12)),
        st.tuples(st.just("advance"), st.sampled_from([1, 7, VISIBILITY, 61])),
        st.tuples(st.just("turn"), st.sampled_from([0, 1])),
    ),
    min_size=1,
    max_size=8,
)
ANSWERS = st.lists(
    st.one_of(st.sampled_from([FAILS, NONSENSE, DROPS]), st.integers(0, 2**10 - 1)), max_size=12
)
TARGETS = ("function", "line.fifo", "event-bus/default")


class Model:
    """Functions as enrichment and target: what they were right to let go is `handled`."""

    def __init__(self, enriching: list[Any], handling: list[Any]) -> None:
        self.enriching = enriching
        self.handling = handling
        self.handled: Counter[str] = Counter()

    def enrich(self, event: Any, _context: Any) -> Any:
        answer = self.enriching.pop(0) if self.enriching else 0
        if answer == FAILS:
            raise RuntimeError("no")
        if answer == NONSENSE:
            return [{}] * 11
        if answer == DROPS:
            self.handled.update(record["messageId"] for record in event)
            return []
        # A mark for the targets that are no functions: what has none has no group, or is no event.
        return [
            {**record, "group": "g"} if not answer >> place & 1 else {**record, "group": ""}
            for place, record in enumerate(event)
        ]

    def handle(self, event: Any, _context: Any) -> Any:
        ids = [record["messageId"] for record in event]
        answer = self.handling.pop(0) if self.handling else 0
        if answer == FAILS:
            raise RuntimeError("no")
        if answer == NONSENSE:
            return {"batchItemFailures": [{"itemIdentifier": "none of them"}]}
        failed = [one for place, one in enumerate(ids) if answer != DROPS and answer >> place & 1]
        self.handled.update(one for one in ids if one not in failed)
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


class World:
    """One emulator for all examples: to make clients takes longer than most of them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.sqs, self.events, self.pipes = map(emulator.client, ("sqs", "events", "pipes"))

    def begin(self, model: Model, target: str, suffix: str, batch_size: int) -> str:
        """Make the pipe anew and return the URL of its queue."""
        kind = {"FifoQueue": "true"} if suffix else {}
        self.emulator.reset()
        self.emulator.on_lambda("enrich", model.enrich)
        self.emulator.on_lambda("handle", model.handle)
        self._make_targets()
        self.sqs.create_queue(QueueName=f"dead{suffix}", Attributes=kind)
        policy = json.dumps({"deadLetterTargetArn": ARN("sqs", f"dead{suffix}"), "maxReceiveCount": RECEIVES})
        url: str = self.sqs.create_queue(
            QueueName=f"q{suffix}",
            Attributes={**kind, "VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": policy},
        )["QueueUrl"]
        self.pipes.create_pipe(
            Name="p",
            Source=ARN("sqs", f"q{suffix}"),
            SourceParameters={"SqsQueueParameters": {"BatchSize": batch_size}},
            Enrichment=ARN("lambda", "function:enrich"),
            RoleArn="arn:aws:iam::000000000000:role/pipe",
            **_target(target),
        )
        self.emulator.advance(1)
        return url

    def _make_targets(self) -> None:
        """Make a FIFO queue and a queue of a bus: the messages that arrive say which they were."""
        self.sqs.create_queue(
            QueueName="line.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        )
        self.sqs.create_queue(QueueName="events")
        self.events.put_rule(Name="r", EventPattern='{"source": [{"prefix": "Pipe"}]}')
        queue = {"Id": "t", "Arn": ARN("sqs", "events"), "InputPath": "$.detail"}
        self.events.put_targets(Rule="r", Targets=[queue])

    def send(self, url: str, place: int, suffix: str) -> str:
        group = {"MessageGroupId": str(place % 3), "MessageDeduplicationId": str(place)} if suffix else {}
        message_id: str = self.sqs.send_message(QueueUrl=url, MessageBody=str(place), **group)["MessageId"]
        return message_id

    def turn(self, *, running: bool) -> None:
        state = self.pipes.describe_pipe(Name="p")["CurrentState"]
        if running and state == "STOPPED":
            self.pipes.start_pipe(Name="p")
        elif not running and state == "RUNNING":
            self.pipes.stop_pipe(Name="p")
        self.emulator.advance(1)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        yield World(emulator)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=STEPS,
    enriching=ANSWERS,
    handling=ANSWERS,
    target=st.sampled_from(TARGETS),
    suffix=st.sampled_from(["", ".fifo"]),
    batch_size=st.integers(1, 10),
)
def test_no_message_of_a_pipe_is_lost_or_deleted_without_success(
    world: World,
    steps: list[tuple[str, int]],
    enriching: list[Any],
    handling: list[Any],
    target: str,
    suffix: str,
    batch_size: int,
) -> None:
    model = Model(list(enriching), list(handling))
    url = world.begin(model, target, suffix, batch_size)
    sent: set[str] = set()
    for step, number in steps:
        if step == "advance":
            world.emulator.advance(number)
        elif step == "turn":
            world.turn(running=bool(number))
        else:
            place = len(sent)
            sent.update(world.send(url, place + more, suffix) for more in range(number))
        world.emulator.advance(0)
        _check(world.emulator, model, sent, suffix)
    world.turn(running=True)
    world.emulator.advance((RECEIVES + 1) * (len(sent) + 1) * (VISIBILITY + 1))
    _check(world.emulator, model, sent, suffix)
    assert world.emulator.messages(f"q{suffix}") == []


def _target(target: str) -> dict[str, Any]:
    template = '{"messageId": <$.messageId>}'
    if target == "function":
        return {"Target": ARN("lambda", "function:handle")}
    if target == "line.fifo":
        group = {"SqsQueueParameters": {"MessageGroupId": "$.group"}}
        return {
            "Target": ARN("sqs", "line.fifo"),
            "TargetParameters": {"InputTemplate": template, **group},
        }
    # An empty detail type is refused.
    kind = {"EventBridgeEventBusParameters": {"DetailType": "$.group"}}
    return {"Target": ARN("events", target), "TargetParameters": {"InputTemplate": template, **kind}}


def _check(emulator: Emulator, model: Model, sent: set[str], suffix: str) -> None:
    """Each message is in exactly one place: in its queue, dead, or where it was handled, once."""
    waiting = [message.message_id for message in emulator.messages(f"q{suffix}")]
    dead = [message.message_id for message in emulator.messages(f"dead{suffix}")]
    arrived = [
        json.loads(message.body)["messageId"]
        for queue in ("line.fifo", "events")
        for message in emulator.messages(queue)
    ]
    places = Counter([*waiting, *dead, *arrived, *model.handled.elements()])
    assert places == Counter(sent)
