"""Whatever a function answers, no message of its mapping is lost, and none is deleted that was not handled."""

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus import Emulator

VISIBILITY = 30
RECEIVES = 3
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"

GOOD, BAD, NONSENSE = ("good", "bad", "nonsense")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 12)),
        st.tuples(st.just("advance"), st.sampled_from([1, 7, VISIBILITY, 61])),
    ),
    min_size=1,
    max_size=8,
)
ANSWERS = st.lists(
    st.one_of(
        st.sampled_from([GOOD, BAD, NONSENSE, "text", "unreachable"]),
        st.integers(0, 2**10 - 1),
    ),
    max_size=12,
)


class Model:
    """The function, and what it has said of each message: handled are those that it did not complain of."""

    def __init__(self, answers: list[Any], *, reporting: bool) -> None:
        self.answers = answers
        self.reporting = reporting
        self.handled: Counter[str] = Counter()

    def __call__(self, event: Any, _context: Any) -> Any:
        ids = [record["messageId"] for record in event["Records"]]
        answer = self.answers.pop(0) if self.answers else GOOD
        if answer in {BAD, "unreachable"}:
            raise RuntimeError("no")
        failed: list[str] = []
        report: Any = None
        if answer == NONSENSE:
            failed, report = ids, {"batchItemFailures": [{"itemIdentifier": "none of them"}]}
        elif answer == "text":
            report = "handled"
        elif isinstance(answer, int):
            failed = [one for place, one in enumerate(ids) if answer >> place & 1]
            report = {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
        self.handled.update(one for one in ids if not self.reporting or one not in failed)
        return report


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=STEPS,
    answers=ANSWERS,
    reporting=st.booleans(),
    fifo=st.booleans(),
    batch_size=st.integers(1, 10),
    concurrency=st.sampled_from([None, 2, 3]),
)
def test_no_message_is_lost_or_deleted_without_success(
    steps: list[tuple[str, int]],
    answers: list[Any],
    reporting: bool,
    fifo: bool,
    batch_size: int,
    concurrency: int | None,
) -> None:
    model = Model(list(answers), reporting=reporting)
    suffix = ".fifo" if fifo else ""
    kind = {"FifoQueue": "true"} if fifo else {}
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        sqs, functions = emulator.client("sqs"), emulator.client("lambda")
        emulator.on_lambda("f", model)
        sqs.create_queue(QueueName=f"dead{suffix}", Attributes=kind)
        policy = json.dumps({"deadLetterTargetArn": DEAD + suffix, "maxReceiveCount": RECEIVES})
        url = sqs.create_queue(
            QueueName=f"q{suffix}",
            Attributes={**kind, "VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": policy},
        )["QueueUrl"]
        functions.create_event_source_mapping(
            FunctionName="f",
            EventSourceArn=f"arn:aws:sqs:us-east-1:000000000000:q{suffix}",
            BatchSize=batch_size,
            FunctionResponseTypes=["ReportBatchItemFailures"] if reporting else [],
            ScalingConfig={} if concurrency is None else {"MaximumConcurrency": concurrency},
        )
        sent: set[str] = set()
        for step, number in steps:
            if step == "advance":
                emulator.advance(number)
                continue
            for _ in range(number):
                place = len(sent)
                group = (
                    {"MessageGroupId": str(place % 3), "MessageDeduplicationId": str(place)} if fifo else {}
                )
                sent.add(sqs.send_message(QueueUrl=url, MessageBody=str(place), **group)["MessageId"])
            emulator.advance(0)
            _check(emulator, model, sent, suffix)
        emulator.advance((RECEIVES + 1) * (len(sent) + 1) * (VISIBILITY + 1))
        _check(emulator, model, sent, suffix)
        assert emulator.messages(f"q{suffix}") == []


def _check(emulator: Emulator, model: Model, sent: set[str], suffix: str) -> None:
    """Each message is in exactly one place: in a queue, or handled once."""
    waiting = [message.message_id for message in emulator.messages(f"q{suffix}")]
    dead = [message.message_id for message in emulator.messages(f"dead{suffix}")]
    places = Counter([*waiting, *dead, *model.handled.elements()])
    assert places == Counter(sent)
