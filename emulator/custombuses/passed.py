"""Which custom buses an event has passed that is on a classic bus now, where it has another id."""

from collections.abc import Callable
from typing import Final

from pocketbus.emulator.deliveries.courier import Outcome

_MOST: Final = 10_000


class Passed:
    """The latest such events, by the ids that they have on classic buses; the oldest give way."""

    def __init__(self) -> None:
        self._buses: dict[str, tuple[str, ...]] = {}
        self._sending: tuple[str, ...] = ()

    def send(self, buses: tuple[str, ...], put: Callable[[], Outcome]) -> Outcome:
        """Put an event that has passed some buses on a classic one; what its rules send at once has passed them too."""
        before, self._sending = self._sending, buses
        try:
            outcome = put()
        finally:
            self._sending = before
        self._buses[outcome.became] = buses
        if len(self._buses) > _MOST:
            del self._buses[next(iter(self._buses))]
        return outcome

    def buses(self, event_id: str) -> tuple[str, ...]:
        """Return the ARNs of the buses that an event has passed."""
        return self._buses.get(event_id, self._sending)

    def standing(self) -> dict[str, tuple[str, ...]]:
        """Tell them."""
        return self._buses

    def stand(self, kept: dict[str, tuple[str, ...]]) -> None:
        self._buses = kept

    def clear(self) -> None:
        self._buses.clear()
