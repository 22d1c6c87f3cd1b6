"""ARNs in requests: those of targets, and of the queues that take what failed."""

from collections.abc import Mapping

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ValidationException


def read_arn(text: str) -> Arn:
    arn = Arn.parse(text)
    if arn is None:
        raise ValidationException(
            f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format."
        )
    return arn


def read_dead_letter_target(config: Mapping[str, str] | None) -> str | None:
    """Return the ARN of a DeadLetterConfig, which names a standard queue; None: there is none."""
    text = (config or {}).get("Arn")
    if text is None:
        return None
    arn = read_arn(text)
    if arn.service != "sqs" or arn.resource.endswith(".fifo"):
        raise ValidationException(
            f"Parameter {text} is not valid. Reason: A dead-letter queue is a standard SQS queue."
        )
    return text
