"""Delivery policies: how HTTP endpoints are tried again. They are checked and kept.

https://docs.aws.amazon.com/sns/latest/dg/creating-delivery-policy.html
"""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.sns.readers import read_object

_BACKOFF_FUNCTIONS = ("arithmetic", "exponential", "geometric", "linear")
_HOUR = 3600
_RANGES = {
    "minDelayTarget": (1, _HOUR),
    "maxDelayTarget": (1, _HOUR),
    "numRetries": (0, 100),
    "numNoDelayRetries": (0, 100),
    "numMinDelayRetries": (0, 100),
    "numMaxDelayRetries": (0, 100),
}
_DEFAULT_RETRY_POLICY = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
DEFAULT_POLICY = {
    "http": {
        "defaultHealthyRetryPolicy": _DEFAULT_RETRY_POLICY,
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}


def check_topic_policy(text: str) -> None:
    """Raise ValueError for what is no delivery policy of a topic."""
    http = _member(read_object(text), "http")
    _check_retries(_member(http, "defaultHealthyRetryPolicy"), "http.defaultHealthyRetryPolicy")
    _check_throttle(_member(http, "defaultThrottlePolicy"), "http.defaultThrottlePolicy")


def check_subscription_policy(text: str) -> None:
    """Raise ValueError for what is no delivery policy of a subscription."""
    policy = read_object(text)
    _check_retries(_member(policy, "healthyRetryPolicy"), "healthyRetryPolicy")
    _check_throttle(_member(policy, "throttlePolicy"), "throttlePolicy")


def effective_policy(text: str | None) -> dict[str, Any]:
    """Lay a topic's policy over the defaults."""
    return _merged(DEFAULT_POLICY, read_object(text or ""))


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    member = document.get(name)
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise ValueError(f"{name} must be a JSON object")  # noqa: TRY004 - the text is at fault, not a type
    return member


def _check_retries(policy: Mapping[str, Any], path: str) -> None:
    for name, (least, most) in _RANGES.items():
        _check_number(policy, name, path, least, most)
    settled = {**_DEFAULT_RETRY_POLICY, **policy}
    if "minDelayTarget" in policy and settled["minDelayTarget"] > settled["maxDelayTarget"]:
        raise ValueError(f"{path}.minDelayTarget must not be greater than maxDelayTarget")
    if settled["backoffFunction"] not in _BACKOFF_FUNCTIONS:
        raise ValueError(f"{path}.backoffFunction must be one of {', '.join(_BACKOFF_FUNCTIONS)}")


def _check_throttle(policy: Mapping[str, Any], path: str) -> None:
    _check_number(policy, "maxReceivesPerSecond", path, 1, 1_000_000)


def _check_number(policy: Mapping[str, Any], name: str, path: str, least: int, most: int) -> None:
    value = policy.get(name, least)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{path}.{name} must be an integer between {least} and {most}")


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **over}
    for name, value in base.items():
        if isinstance(value, dict) and isinstance(over.get(name), dict):
            merged[name] = _merged(value, over[name])
    return merged
