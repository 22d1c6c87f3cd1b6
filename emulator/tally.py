"""Counters that only grow: what happened, by resource and by kind. They are the process's, not part of the state."""


class Tally(dict[str, dict[str, int]]):
    """Counts by two keys, the first mostly an ARN. Of more first keys than `limit`, the oldest start anew."""

    def __init__(self, limit: int = 50_000) -> None:
        super().__init__()
        self._limit = limit

    def __missing__(self, key: str) -> dict[str, int]:
        if len(self) >= self._limit:
            del self[next(iter(self))]
        counts = self[key] = _Counts()
        return counts


class _Counts(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 0
