"""What has left a line of messages is forgotten, and mostly a few at a time."""

import random

import pytest

from pocketbus.emulator.message import GONE, Message, State, Text
from pocketbus.emulator.queues.ages import Ages

COUNT = 5_000


class Looks(list[State]):
    """Counts how many states are looked up here."""

    so_far = 0

    def __contains__(self, state: object) -> bool:
        self.so_far += 1
        return super().__contains__(state)


class Counting(Ages):
    """Counts how many messages it looks at."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = Looks(Ages.stays)
        self.stays = self._looks

    @property
    def looks(self) -> int:
        return self._looks.so_far


def filled() -> tuple[Counting, list[Message]]:
    order = Counting()
    messages = [Message(Text("job"), f"{number}", number, 0.0, "me") for number in range(COUNT)]
    for message in messages:
        message.state = State.READY
        order.add(message)
    return order, messages


def leave(order: Counting, messages: list[Message]) -> list[int]:
    """Have all leave one after another; return how many were looked at for each."""
    looks = []
    for live, message in zip(range(COUNT - 1, -1, -1), messages, strict=True):
        before = order.looks
        message.state = GONE
        order.shrink(live)
        looks.append(order.looks - before)
    return looks


def test_what_leaves_in_its_order_is_forgotten_a_few_at_a_time() -> None:
    order, messages = filled()

    assert max(leave(order, messages)) <= 2
    assert len(order.line) <= 65


@pytest.mark.parametrize("seed", range(3))
def test_what_leaves_in_another_order_is_forgotten_when_it_outnumbers_the_rest(seed: int) -> None:
    order, messages = filled()
    random.Random(seed).shuffle(messages)

    assert sum(leave(order, messages)) < 10 * COUNT
    assert len(order.line) <= 65


def test_what_stays_is_in_its_order() -> None:
    order, messages = filled()
    leaving = random.Random(1).sample(messages, COUNT - 10)
    for number, message in enumerate(leaving, 1):
        message.state = GONE
        order.shrink(COUNT - number)

    assert list(order) == [message for message in messages if message.state is not GONE]
