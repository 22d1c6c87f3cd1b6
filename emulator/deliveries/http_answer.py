"""The answer to an outgoing HTTP request, and which ones are final."""

from collections.abc import Mapping
from typing import NamedTuple

from pocketbus.emulator.deliveries.failures import TargetFailed, TargetRefused, TargetThrottled

_TOO_MANY_REQUESTS = 429


class HttpAnswer(NamedTuple):
    """The status, the headers in lower case, and the start of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def verdict(answer: HttpAnswer, *, transient: int | None = None) -> str:
    """Return what a successful answer says; raise TransientFailure or TargetRefused for the others.

    `transient` is one more status that stands for what may pass.
    """
    status = answer.status
    text = f"HTTP {status}"
    if 200 <= status < 300:
        return text
    if status == _TOO_MANY_REQUESTS:
        raise TargetThrottled(text)
    if status >= 500 or status == transient:
        raise TargetFailed(text)
    if status < 400:
        raise TargetRefused(f"{text}: redirects are not followed")
    raise TargetRefused(text)
