"""Parameters of sources: which belong to which, how many records make a batch, what becomes of those that fail."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pocketbus.apis.pipes.invalid import invalid_fields, missing
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.pipes.pipe_settings import NO_LIMIT, StreamPolicy
from pocketbus.emulator.pipes.sources import kind_of
from pocketbus.rules.pattern import InvalidPattern, Pattern
from pocketbus.rules.pipe_pattern import compile_pipe_pattern

Wire = Mapping[str, Any]

FILTERS = "FilterCriteria"
FOR_EVER = frozenset(
    {
        *("StartingPosition", "StartingPositionTimestamp", "TopicName", "QueueName", "VirtualHost"),
        *("ConsumerGroupID", "AdditionalBootstrapServers"),
    }
)
"""The members of a source's parameters that stay as CreatePipe set them."""

_FIFO_BATCH = 10


class SourceParameters(Struct, frozen=True):
    """What a source's parameters say: one of `blocks` belongs to it, and has to be there if it `needs` one."""

    blocks: tuple[str, ...]
    needs: bool = True
    batch_size: int = 100


_OF_SOURCES: Mapping[str, SourceParameters] = {
    "aws:sqs": SourceParameters(("SqsQueueParameters",), needs=False, batch_size=10),
    "aws:kinesis": SourceParameters(("KinesisStreamParameters",)),
    "aws:dynamodb": SourceParameters(("DynamoDBStreamParameters",)),
    "aws:kafka": SourceParameters(("ManagedStreamingKafkaParameters",)),
    "aws:mq": SourceParameters(("ActiveMQBrokerParameters", "RabbitMQBrokerParameters")),
    "SelfManagedKafka": SourceParameters(("SelfManagedKafkaParameters",)),
}


def parameters_of(source: str) -> SourceParameters:
    """Return what belongs to a source. Raise ValidationException for one that pipes do not have."""
    kind = kind_of(source)
    if kind is None:
        raise invalid_fields({"Source": "Unsupported source."})
    return _OF_SOURCES[kind.name]


def block_of(source: str, given: Wire) -> tuple[str, Wire]:
    """Return the name of the source's own parameters, and what they are. Raise ValidationException."""
    expected = parameters_of(source)
    foreign = [name for name in given if name != FILTERS and name not in expected.blocks]
    if foreign:
        raise invalid_fields(
            {f"SourceParameters.{name}": "Unsupported parameter for the source." for name in foreign}
        )
    there = [name for name in expected.blocks if name in given]
    if len(there) > 1:
        raise invalid_fields({f"SourceParameters.{there[1]}": "Only one broker can be given."})
    if not there and expected.needs:
        raise missing(f"SourceParameters.{expected.blocks[0]}")
    name = there[0] if there else expected.blocks[0]
    return name, given.get(name, {})


def read_batch_size(source: str, block: Wire, most: int | None) -> int:
    """Return how many records make a batch, of which enrichment and target take `most`. Raise ValidationException.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    """
    default = parameters_of(source).batch_size
    if source.endswith(".fifo"):
        most = min(most or _FIFO_BATCH, _FIFO_BATCH)
    given: int | None = block.get("BatchSize")
    if given is None:
        return default if most is None else min(default, most)
    if most is not None and given > most:
        raise ValidationException(
            f"BatchSize {given} is larger than the source, the enrichment or the target supports: {most}."
        )
    return given


def read_filters(given: Wire) -> tuple[Pattern, ...]:
    """Read the filters. Raise ValidationException."""
    criteria = given.get(FILTERS) or {}
    try:
        return tuple(
            compile_pipe_pattern(one["Pattern"]) for one in criteria.get("Filters") or () if "Pattern" in one
        )
    except InvalidPattern as error:
        raise ValidationException(f"Event pattern is not valid. Reason: {error}") from None


def read_stream_policy(block: Wire) -> StreamPolicy:
    return StreamPolicy(
        maximum_retries=block.get("MaximumRetryAttempts", NO_LIMIT),
        maximum_age_seconds=block.get("MaximumRecordAgeInSeconds", NO_LIMIT),
        bisects="OnPartialBatchItemFailure" in block,
        dead_letter_target=block.get("DeadLetterConfig", {}).get("Arn"),
    )
