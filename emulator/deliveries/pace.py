"""A limit on how many things happen in a second."""


class Pace:
    """At most `rate` a second: `burst` of them at once after a pause, the others at even distances."""

    def __init__(self, rate: float, burst: int = 1) -> None:
        self.rate = rate
        self._ahead_seconds = (burst - 1) / rate
        self._even_at = self._as_of = 0.0

    def reserve(self, now: float) -> float:
        """Take the next instant that is free, `now` or later, and return it; a clock that went back begins anew."""
        if now < self._as_of:
            self._even_at = now
        self._as_of = now
        even_at = max(now, self._even_at)
        self._even_at = even_at + 1 / self.rate
        return max(now, even_at - self._ahead_seconds)

    def is_free(self, now: float) -> bool:
        """Tell whether what is reserved now need not wait."""
        return now < self._as_of or self._even_at - self._ahead_seconds <= now
