"""Client tokens: a call that comes again with the same one is answered as before, and changes nothing."""

from typing import NamedTuple

from pocketbus.emulator.errors import ConflictException

KEPT_SECONDS = 8 * 3600
"""AWS states no figure."""

_MOST = 10_000


class _Call(NamedTuple):
    request: str
    answer: str
    until: float


class ClientTokens:
    """The latest calls by their tokens, oldest first."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def answer(self, token: str | None, request: str, now: float) -> str | None:
        """Return what the same call was answered before, if it was. Raise ConflictException for another one."""
        call = self._calls.get(token or "")
        if call is None or call.until <= now:
            return None
        if call.request != request:
            raise ConflictException(f"The client token {token} was used for another request.")
        return call.answer

    def remember(self, token: str | None, request: str, answer: str, now: float) -> None:
        if token is None:
            return
        self._calls.pop(token, None)
        self._calls[token] = _Call(request, answer, now + KEPT_SECONDS)
        while (oldest := next(iter(self._calls))) and (
            len(self._calls) > _MOST or self._calls[oldest].until <= now
        ):
            del self._calls[oldest]
