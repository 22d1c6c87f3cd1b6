"""Deliveries to accounts of other shards, and from them: here the two ends of the channels, elsewhere who carries.

A delivery to another shard is an attempt under way. Whoever writes this engine's log asks for a `carriage`, has the
other shard's engine take it (`arrive`), and gives the answer to this one (`hear`): both are inputs. The delivery ends
here, with its dead-letter queue, as the target there has judged it. docs/SCALING.md tells it to users.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry, refused
from pocketbus.emulator.deliveries.contents import Contents
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import AttemptDefect, CourierOverloaded, TargetMissing
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.latest import Held
from pocketbus.emulator.shards import parcels, verdicts
from pocketbus.emulator.shards.channels import Answer, Arrivals, Carriage, Departures, plain
from pocketbus.emulator.shards.contents import Unpacked
from pocketbus.emulator.shards.shards import ANOTHER_SHARD

_log = logging.getLogger("pocketbus")
DEPARTURES: Final = 100_000
DEPARTURES_BYTES: Final = 256 * 1024 * 1024
"""How many deliveries may be on their way to other shards, and what they take; more go to their dead-letter queues."""

_AT_ONCE: Final = frozenset({"sqs", "sns", "events"})
"""The services at whose resources a fault ends a delivery. Functions and operations are tried again where they are."""


class Exchange(Gateway):
    """All channels of one engine, by the numbers of the other shards."""

    serves = (ANOTHER_SHARD,)

    def __init__(self, core: Core, limit: int = DEPARTURES) -> None:
        self.wake: Callable[[int], object] = lambda _shard: None
        """Hears that something is to be carried to a shard."""
        self._core = core
        self._limit = limit
        self._departures: defaultdict[int, Departures] = defaultdict(Departures)
        self._arrivals: defaultdict[int, Arrivals] = defaultdict(Arrivals)
        self._contents = Contents()
        self._refused = 0

    def held(self) -> Held:
        """Tell what is on its way to other shards; dropped is what went to dead-letter queues instead."""
        return Held(len(self), self._contents.bytes, self._limit, DEPARTURES_BYTES, self._refused)

    def __len__(self) -> int:
        return sum(map(len, self._departures.values()))

    def on_the_way(self, shard: int) -> int:
        """Count what is on its way to a shard."""
        return len(self._departures.get(shard, Departures()))

    def waits(self, shard: int) -> bool:
        """Tell whether something for a shard has not been carried yet, as far as that is known here."""
        return bool(self._departures.get(shard, Departures()).waiting)

    # The way there

    def accept(self, delivery: Delivery, now: float) -> None:
        """Have a delivery carried to the shard of its target. Raise CourierOverloaded, and what faults make of it."""
        shards = self._core.shards
        shard = None if shards is None else shards.other(delivery)
        if shard is None:
            raise TargetMissing
        if self._core.faults.active and delivery.target.split(":")[2] in _AT_ONCE:
            self._core.faults.of_delivery(delivery.incident)
        if len(self) >= self._limit or self._contents.bytes > DEPARTURES_BYTES:
            self._refused += 1
            raise CourierOverloaded(f"{len(self)} deliveries are on their way to other shards already.")
        self._departures[shard].add(delivery)
        self._contents.take(delivery.content)
        self._core.trace.record(now, "carried", delivery.target, delivery.subject, f"to shard {shard}")
        self.wake(shard)

    def carriage(self, shard: int) -> Carriage:
        """Return what is to be carried to a shard next, once all that is here is safe; none of it changes by that."""
        return self._departures.get(shard, Departures()).carriage()

    def hear(self, shard: int, answer: Answer) -> bool:
        """Take what a shard has answered to a carriage; tell whether there was something new in it."""
        departures = self._departures.get(shard, Departures())
        news = departures.news(answer)
        if not news and answer.taken <= departures.since:
            return False
        with self._core.door.entry("told", shard, answer.taken, plain(news)):
            now = self._core.clock.now()
            for told in news:
                delivery = departures.pop(told)
                if delivery is not None:
                    self._contents.let_go(delivery.content)
                    self._end(delivery, verdicts.read(told.verdict), shard, now)
            departures.know(answer.taken)
        return True

    def _end(self, delivery: Delivery, error: EngineError | None, shard: int, now: float) -> None:
        if error is not None:
            carry(refused(delivery, error, self._core, now), self._core, now)
            return
        why = f"in shard {shard}"
        self._core.trace.record(now, "delivered", delivery.target, delivery.subject, why)
        self._core.count(delivery, "delivered")
        delivery.settle(None, now)

    # The way here

    def arrive(self, shard: int, carriage: Carriage) -> Answer:
        """Take what a shard has sent, as far as it was not taken before, and answer what became of it so far."""
        arrivals = self._arrivals.get(shard)
        if (arrivals or Arrivals()).is_new(carriage):
            with self._core.door.entry("arrived", shard, *carriage):
                arrivals = self._arrivals[shard]
                arrivals.forget(carriage.heard)
                self._take(shard, arrivals, carriage)
        return (arrivals or Arrivals()).answer

    def _take(self, shard: int, arrivals: Arrivals, carriage: Carriage) -> None:
        now, contents = self._core.clock.now(), Unpacked(carriage.contents)
        new = arrivals.new(carriage)
        arrivals.taken = max(arrivals.taken, carriage.since + len(carriage.parcels))
        arrivals.under_way.update((number, None) for number, _ in new)
        for number, parcel in new:
            try:
                delivery = parcels.read(parcel, contents, partial(self._ended, shard, number))
                why = f"from shard {shard}"
                self._core.trace.record(now, "arrived", delivery.target, delivery.subject, why)
                carry((delivery,), self._core, now)
            except Exception:  # noqa: BLE001 - a defect of one delivery must not end the others
                _log.exception("the delivery %d from shard %d failed", number, shard)
                arrivals.tell(number, verdicts.written(AttemptDefect()))

    def _ended(
        self, shard: int, number: int, _delivery: Delivery, error: EngineError | None, _now: float
    ) -> None:
        self._arrivals[shard].tell(number, verdicts.written(error))

    # Its life

    def standing(self) -> Any:
        """Tell the channels, if there are any."""
        if not (self._departures or self._arrivals):
            return None
        return {"departures": dict(self._departures), "arrivals": dict(self._arrivals)}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._departures.update(kept["departures"])
        self._arrivals.update(kept["arrivals"])
        for delivery in self._waiting():
            self._contents.take(delivery.content)

    def _waiting(self) -> Iterator[Delivery]:
        for departures in self._departures.values():
            yield from departures

    def clear(self) -> None:
        """Give up what is on its way; what has come and has not ended was to something that is gone.

        The channels stay, for the other shards have not forgotten them.
        """
        for departures in self._departures.values():
            departures.clear()
        self._contents = Contents()
        for arrivals in self._arrivals.values():
            for number in list(arrivals.under_way):
                arrivals.tell(number, verdicts.written(TargetMissing()))
