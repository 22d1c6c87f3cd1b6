"""Delivery policies, how webhooks are tried again and how fast: read from JSON, and written with the defaults.

https://docs.aws.amazon.com/sns/latest/dg/creating-delivery-policy.html
"""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.apis.sns.readers import read_object
from pocketbus.emulator.deliveries.retry_policy import CURVES, PhasedRetries
from pocketbus.emulator.limits import WEBHOOK_RETRY_SECONDS
from pocketbus.emulator.topics.delivery_policy import DeliveryPolicy, effective

_CONTENT_TYPE = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]+(; ?charset=[a-zA-Z0-9-]+)?")
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


def read_topic_policy(text: str) -> DeliveryPolicy | None:
    """Raise ValueError for what is no delivery policy of a topic; an empty text is none."""
    http = _member(read_object(text), "http")
    if not text:
        return None
    prevails = http.get("disableSubscriptionOverrides", False)
    if not isinstance(prevails, bool):
        raise ValueError("http.disableSubscriptionOverrides must be true or false")  # noqa: TRY004 - the text is at fault
    return DeliveryPolicy(
        text,
        _read_retries(_member(http, "defaultHealthyRetryPolicy"), "http.defaultHealthyRetryPolicy"),
        _read_throttle(_member(http, "defaultThrottlePolicy"), "http.defaultThrottlePolicy"),
        _read_content_type(_member(http, "defaultRequestPolicy"), "http.defaultRequestPolicy"),
        prevails,
    )


def read_subscription_policy(text: str) -> DeliveryPolicy | None:
    """Raise ValueError for what is no delivery policy of a subscription; an empty text is none."""
    policy = read_object(text)
    if not text:
        return None
    return DeliveryPolicy(
        text,
        _read_retries(_member(policy, "healthyRetryPolicy"), "healthyRetryPolicy"),
        _read_throttle(_member(policy, "throttlePolicy"), "throttlePolicy"),
        _read_content_type(_member(policy, "requestPolicy"), "requestPolicy"),
    )


def effective_policy(policy: DeliveryPolicy | None) -> dict[str, Any]:
    """Lay a topic's policy over the defaults."""
    return _merged(DEFAULT_POLICY, read_object("" if policy is None else policy.text))


def effective_subscription_policy(topic: DeliveryPolicy | None, own: DeliveryPolicy | None) -> dict[str, Any]:
    """Write what counts for a subscription to a webhook."""
    policy = effective(topic, own)
    retries, rate = policy.retries, policy.receives_per_second
    return {
        "healthyRetryPolicy": {
            "minDelayTarget": retries.least_seconds,
            "maxDelayTarget": retries.greatest_seconds,
            "numRetries": sum(_phases(retries)),
            "numMaxDelayRetries": retries.post_backoff,
            "numNoDelayRetries": retries.immediate,
            "numMinDelayRetries": retries.pre_backoff,
            "backoffFunction": retries.function,
        },
        "sicklyRetryPolicy": None,
        "throttlePolicy": None if rate is None else {"maxReceivesPerSecond": rate},
        "requestPolicy": {"headerContentType": policy.content_type},
        "guaranteed": False,
    }


def _phases(retries: PhasedRetries) -> tuple[int, int, int, int]:
    return retries.immediate, retries.pre_backoff, retries.backoff, retries.post_backoff


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    member = document.get(name)
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise ValueError(f"{name} must be a JSON object")  # noqa: TRY004 - the text is at fault, not a type
    return member


def _read_retries(policy: Mapping[str, Any], path: str) -> PhasedRetries | None:
    if not policy:
        return None
    for name, (least, most) in _RANGES.items():
        _check_number(policy, name, path, least, most)
    settled = {**_DEFAULT_RETRY_POLICY, **policy}
    if "minDelayTarget" in policy and settled["minDelayTarget"] > settled["maxDelayTarget"]:
        raise ValueError(f"{path}.minDelayTarget must not be greater than maxDelayTarget")
    if settled["backoffFunction"] not in tuple(CURVES):
        raise ValueError(f"{path}.backoffFunction must be one of {', '.join(sorted(CURVES))}")
    return _retries(settled, path)


def _retries(settled: Mapping[str, Any], path: str) -> PhasedRetries:
    """Take the phases apart: what is left of all retries is the backoff."""
    immediate, pre, post = (settled[f"num{phase}Retries"] for phase in ("NoDelay", "MinDelay", "MaxDelay"))
    backoff = settled["numRetries"] - immediate - pre - post
    if backoff < 0:
        raise ValueError(f"{path}.numRetries must not be less than the retries of its phases")
    return PhasedRetries(
        immediate,
        pre,
        backoff,
        post,
        settled["minDelayTarget"],
        max(settled["minDelayTarget"], settled["maxDelayTarget"]),
        settled["backoffFunction"],
        WEBHOOK_RETRY_SECONDS,
    )


def _read_throttle(policy: Mapping[str, Any], path: str) -> int | None:
    if policy.get("maxReceivesPerSecond") is None:
        return None
    _check_number(policy, "maxReceivesPerSecond", path, 1, 1_000_000)
    rate: int = policy["maxReceivesPerSecond"]
    return rate


def _read_content_type(policy: Mapping[str, Any], path: str) -> str | None:
    content_type = policy.get("headerContentType")
    if content_type is None:
        return None
    if not isinstance(content_type, str) or not _CONTENT_TYPE.fullmatch(content_type):
        raise ValueError(f"{path}.headerContentType must be a media type")
    return content_type


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
