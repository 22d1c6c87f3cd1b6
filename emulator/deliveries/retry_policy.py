"""How often, and after which delays, what failed over a network is tried again: data and arithmetic, no clock.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from msgspec import Struct


class Exhausted(NamedTuple):
    """There is no further attempt; `condition` names the limit that was reached."""

    condition: str


class RetryPolicy(Protocol):
    """Tells when the next attempt is due."""

    def delay_after(self, failures: int, age_seconds: float, chance: float) -> float | Exhausted:
        """Return the seconds to wait after the n-th failure (from 1) of a delivery of the given age.

        `chance` is a random number from 0 to 1.
        """
        ...


PERMANENT = Exhausted("")
"""Not exhausted by a limit: the failure is of a kind that is not tried again."""
MAXIMUM_RETRIES = Exhausted("MaximumRetryAttempts")
MAXIMUM_AGE = Exhausted("MaximumEventAgeInSeconds")


class PhasedRetries(Struct, frozen=True):
    """SNS's retries: at once, then at the least delay, then along a curve, then at the greatest delay."""

    immediate: int = 0
    pre_backoff: int = 0
    backoff: int = 0
    post_backoff: int = 0
    least_seconds: float = 20
    greatest_seconds: float = 20
    function: str = "linear"
    lifetime_seconds: float = math.inf

    def delay_after(self, failures: int, age_seconds: float, chance: float) -> float | Exhausted:  # noqa: ARG002
        delay = self._delay(failures)
        if delay is None:
            return MAXIMUM_RETRIES
        return delay if age_seconds + delay <= self.lifetime_seconds else MAXIMUM_AGE

    def _delay(self, failures: int) -> float | None:
        step = failures - 1
        for count, delay in (
            (self.immediate, lambda _: 0.0),
            (self.pre_backoff, lambda _: self.least_seconds),
            (self.backoff, self._curve),
            (self.post_backoff, lambda _: self.greatest_seconds),
        ):
            if step < count:
                return delay(step)
            step -= count
        return None

    def _curve(self, step: int) -> float:
        least, greatest, last = self.least_seconds, self.greatest_seconds, self.backoff - 1
        return CURVES[self.function](least, greatest, step, last) if last else least


def jittered_delay(
    failures: int, age_seconds: float, chance: float, retries: int, lifetime_seconds: float
) -> float | Exhausted:
    """Return EventBridge's delay: doubled after each failure up to ten minutes, the later half of it by chance.

    AWS states no figures; these spread the 185 retries over the 24 hours that are the default.
    """
    if failures > retries:
        return MAXIMUM_RETRIES
    delay = min(2.0 ** min(failures - 1, 10), 600.0) * (1 + chance) / 2
    return delay if age_seconds + delay <= lifetime_seconds else MAXIMUM_AGE


def _linear(least: float, greatest: float, step: int, last: int) -> float:
    return least + (greatest - least) * step / last


def _arithmetic(least: float, greatest: float, step: int, last: int) -> float:
    return least + (greatest - least) * (step * (step + 1)) / (last * (last + 1))


def _geometric(least: float, greatest: float, step: int, last: int) -> float:
    return least * math.pow(greatest / least, step / last)


def _exponential(least: float, greatest: float, step: int, last: int) -> float:
    return least + (greatest - least) * (2.0**step - 1) / (2.0**last - 1)


# AWS draws these four and states no formula: all lead from the least to the greatest delay, here as their names say.
# The delays grow by equal steps, by steps that themselves grow equally, by equal factors, by steps that double.
CURVES: Mapping[str, Callable[[float, float, int, int], float]] = {
    "linear": _linear,
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "exponential": _exponential,
}

TO_AWS_SERVICES = PhasedRetries(
    immediate=3,
    pre_backoff=2,
    backoff=10,
    post_backoff=100_000,
    least_seconds=1,
    greatest_seconds=20,
    function="exponential",
)
"""For Lambda, Firehose and the like: 100,015 retries over 23 days."""

TO_PEOPLE = PhasedRetries(
    pre_backoff=2,
    backoff=10,
    post_backoff=38,
    least_seconds=10,
    greatest_seconds=600,
    function="exponential",
)
"""For mail, SMS and mobile push: 50 retries over 6 hours."""
