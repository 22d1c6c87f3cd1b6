"""The paths that are not AWS's: whatever is not one of these may be a queue's URL or another service's."""

from pocketbus.emulator.topics.signing import CERTIFICATE_NAME, CERTIFICATE_PATH

HEALTH = "/health"
METRICS = "/metrics"
STATISTICS = "/statistics/queues"
LOCALSTACK = ("/_localstack/", "/_floci/")
MOTO = "/moto-api/"
NEIGHBOURS = (
    "/_ministack/",
    "/_fakecloud/",
    "/_fauxqs/",
    "/_robotocore/",
    "/_aws/",
    "/SimpleNotificationService/",
)
SNS = ("/_aws/sns/", f"/{CERTIFICATE_NAME}")
SQS = "/_aws/sqs/"

PUBLIC = frozenset({HEALTH, CERTIFICATE_PATH, f"/{CERTIFICATE_NAME}"})
"""What is for everybody, web pages included."""

_PREFIXES = ("/_pocketbus/", *LOCALSTACK, MOTO, *NEIGHBOURS, *SNS, SQS, STATISTICS)


def is_control(path: str) -> bool:
    """Tell the control paths from those of AWS; a queue's URL starts with an account, not with these."""
    return path in (HEALTH, METRICS) or path.startswith(_PREFIXES)
