"""The two ends of a channel from one shard to another: numbered deliveries on the way there, numbered verdicts back.

Both are numbered 1, 2, 3... in the order in which they came about. Each end remembers what the other one has not said
it has, so that whatever is lost on the way, comes twice or out of order, each is taken once and in order.
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any, NamedTuple, TypeVar

from msgspec import Meta, Struct, ValidationError, convert, field

from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.shards.contents import Packed
from pocketbus.emulator.shards.parcels import Parcel, written
from pocketbus.emulator.shards.verdicts import Verdict

_log = logging.getLogger("pocketbus")

MOST_AT_ONCE = 500
"""Deliveries that are carried together, until their contents take BATCH_BYTES."""
BATCH_BYTES = 1024 * 1024


_Number = Annotated[int, Meta(ge=0, lt=2**53)]
T = TypeVar("T")


class Carriage(NamedTuple):
    """What goes to another shard at a time: the `parcels` are numbered after `since`, and refer to `contents`.

    Nothing up to `since` is on its way any more; the verdicts up to `heard` need not be told again.
    """

    since: _Number
    heard: _Number
    contents: list[list[Any]]
    parcels: list[Parcel]

    @classmethod
    def of(cls, parts: list[Any]) -> "Carriage":
        """Read one in JSON's own types. Raise ValueError for what is none."""
        return _read(parts, cls)


def _read(parts: list[Any], kind: type[T]) -> T:
    try:
        read: T = convert(parts, kind)
    except ValidationError as error:
        raise ValueError(str(error)) from error
    return read


class Told(NamedTuple):
    """A verdict: its own number, and that of the delivery."""

    number: _Number
    delivery: _Number
    verdict: Verdict


def plain(told: Iterable[Told]) -> list[list[Any]]:
    """Return verdicts in JSON's own types."""
    return [list(one) for one in told]


class Answer(NamedTuple):
    """What the other shard says: up to which number it has taken deliveries, and the verdicts that it remembers."""

    taken: _Number
    told: list[Told]

    @property
    def plain(self) -> list[Any]:
        """Return it in JSON's own types; `of` makes it again."""
        return [self.taken, plain(self.told)]

    @classmethod
    def of(cls, parts: list[Any]) -> "Answer":
        """Raise ValueError for what is none."""
        return _read(parts, cls)


class Departures(Struct, eq=False):
    """What is on its way to another shard. `last` is the number of the latest delivery there ever was."""

    last: int = 0
    heard: int = 0
    waiting: dict[int, Delivery] = field(default_factory=dict)
    """What the other shard is not known to have, in order."""
    under_way: dict[int, Delivery] = field(default_factory=dict)
    """What it has, and has not said the end of."""

    def __len__(self) -> int:
        return len(self.waiting) + len(self.under_way)

    def __iter__(self) -> Iterator[Delivery]:
        yield from self.under_way.values()
        yield from self.waiting.values()

    @property
    def since(self) -> int:
        """The number up to which nothing has to be carried."""
        return next(iter(self.waiting), self.last + 1) - 1

    def add(self, delivery: Delivery) -> None:
        self.last += 1
        self.waiting[self.last] = delivery

    def carriage(self) -> Carriage:
        """Return what is to be carried next; there may be nothing, and the other shard only asked."""
        packed, parcels = Packed(), list[Parcel]()
        for delivery in islice(self.waiting.values(), MOST_AT_ONCE):
            parcels.append(_written(delivery, packed))
            if packed.size >= BATCH_BYTES:
                break
        return Carriage(self.since, self.heard, packed.parts, parcels)

    def news(self, answer: Answer) -> list[Told]:
        """Return what is told that was not heard before."""
        return [one for one in answer.told if one.number > self.heard]

    def pop(self, told: Told) -> Delivery | None:
        """Let a delivery go that has ended; None: it was given up before."""
        self.heard = told.number
        found = self.waiting.pop(told.delivery, None)
        return self.under_way.pop(told.delivery, None) if found is None else found

    def know(self, taken: int) -> None:
        """Know up to which number the other shard has deliveries."""
        while (number := next(iter(self.waiting), taken + 1)) <= taken:
            self.under_way[number] = self.waiting.pop(number)

    def clear(self) -> None:
        """Give up whatever is on its way; the numbers go on."""
        self.waiting.clear()
        self.under_way.clear()


def _written(delivery: Delivery, packed: Packed) -> Parcel:
    try:
        return written(delivery, packed)
    except Exception:  # noqa: BLE001 - a defect of one delivery must not hold the others up
        _log.exception("a delivery to %s cannot be carried", delivery.target)
        return []  # which the other shard cannot read, and says so


class Arrivals(Struct, eq=False):
    """What has come from another shard: up to the number `taken`. `last` is the number of the latest verdict."""

    taken: int = 0
    last: int = 0
    told: deque[Told] = field(default_factory=deque)
    """The verdicts that the other shard is not known to have."""
    under_way: dict[int, None] = field(default_factory=dict)
    """The deliveries that have not ended yet."""

    def is_new(self, carriage: Carriage) -> bool:
        """Tell whether a carriage changes anything here."""
        forgets = bool(self.told) and self.told[0].number <= carriage.heard
        return forgets or carriage.since + len(carriage.parcels) > self.taken

    def new(self, carriage: Carriage) -> list[tuple[int, Parcel]]:
        """Return the numbers and parcels that have not been taken yet."""
        since = carriage.since
        numbered = enumerate(carriage.parcels[max(0, self.taken - since) :], max(self.taken, since) + 1)
        return list(numbered)

    def tell(self, number: int, verdict: Verdict) -> None:
        """Remember how a delivery has ended."""
        if number in self.under_way:
            del self.under_way[number]
            self.last += 1
            self.told.append(Told(self.last, number, verdict))

    def forget(self, heard: int) -> None:
        """Let the verdicts go that the other shard has."""
        while self.told and self.told[0].number <= heard:
            self.told.popleft()

    @property
    def answer(self) -> Answer:
        return Answer(self.taken, list(self.told))
