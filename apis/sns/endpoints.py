"""What may subscribe: for each protocol, which endpoints it takes and whether they have to confirm."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from pocketbus.apis.sns.invalid import invalid
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import InvalidParameterException
from pocketbus.emulator.topics.sms import is_phone_number
from pocketbus.emulator.topics.topic import Topic

WEBHOOK_PROTOCOLS = frozenset({"http", "https"})
RAW_PROTOCOLS = frozenset({"sqs", "http", "https", "firehose"})

_URL = re.compile(r"https?://[^\s/?#\\]+([/?#][^\s\\]*)?")
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+")
_SPACED_NUMBER = re.compile(r"\+?[0-9]+([./-][0-9]+)*", re.ASCII)
_SPACES = re.compile("[./-]")


class Protocol(NamedTuple):
    check: Callable[[str, str], None]
    """Raises InvalidParameterException for an endpoint that the protocol, which it is given first, does not take."""
    confirms: bool = False


def read_endpoint(topic: Topic, protocol: str, endpoint: str) -> Protocol:
    """Return the protocol of a topic's new subscription; refuse an endpoint that is none of it."""
    found = PROTOCOLS.get(protocol)
    if found is None:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    found.check(protocol, endpoint)
    if topic.settings.fifo and protocol != "sqs":
        raise invalid("Invalid parameter: Endpoint", "Please use FIFO SQS queue")
    if endpoint.endswith(".fifo") and protocol == "sqs" and not topic.settings.fifo:
        raise invalid(
            "Invalid parameter: Endpoint", "FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
    return found


def _check_url(protocol: str, endpoint: str) -> None:
    if not endpoint.startswith(f"{protocol}://"):
        raise invalid("Endpoint must match the specified protocol")
    if not _URL.fullmatch(endpoint) or not _has_host(endpoint):
        raise invalid("Endpoint")


def _has_host(url: str) -> bool:
    """Tell whether what stands before the path can be told apart into a host and a port."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _arn_of(service: str, refusal: str, part: str = ":") -> Callable[[str, str], None]:
    def check(_protocol: str, endpoint: str) -> None:
        arn = Arn.parse(endpoint)
        if arn is None or arn.service != service or part not in endpoint:
            raise InvalidParameterException(f"Invalid parameter: {refusal}")

    return check


def _check_mail_address(_protocol: str, endpoint: str) -> None:
    if not _MAIL_ADDRESS.fullmatch(endpoint):
        raise invalid("Email address")


def _check_phone_number(_protocol: str, endpoint: str) -> None:
    """Take a number that is written with single dots, dashes and slashes inside."""
    if not _SPACED_NUMBER.fullmatch(endpoint) or not is_phone_number(_SPACES.sub("", endpoint)):
        raise InvalidParameterException(f"Invalid SMS endpoint: {endpoint}")


PROTOCOLS: Mapping[str, Protocol] = {
    "sqs": Protocol(_arn_of("sqs", "SQS endpoint ARN")),
    "http": Protocol(_check_url, confirms=True),
    "https": Protocol(_check_url, confirms=True),
    "email": Protocol(_check_mail_address, confirms=True),
    "email-json": Protocol(_check_mail_address, confirms=True),
    "sms": Protocol(_check_phone_number),
    "lambda": Protocol(_arn_of("lambda", "Lambda endpoint ARN", ":function:")),
    "application": Protocol(_arn_of("sns", "Application endpoint ARN", ":endpoint/")),
    "firehose": Protocol(_arn_of("firehose", "Firehose endpoint ARN", ":deliverystream/")),
}
