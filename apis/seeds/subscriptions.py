"""The section of subscriptions; to seed one that waits for its confirmation asks for it again."""

from collections.abc import Iterator

from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.subscription_attributes import SETTABLE_NAMES, write_attributes
from pocketbus.emulator.topics.subscription import Subscription
from pocketbus.emulator.topics.topic import Topic


def _keys(operations: Operations) -> Iterator[Parameters]:
    for one in operations.pages(sns, "ListSubscriptions", "Subscriptions"):
        if one["Protocol"] == "application":
            continue  # a device's endpoint has another ARN wherever it is made
        yield {name: one[name] for name in ("TopicArn", "Protocol", "Endpoint")}


def _find(operations: Operations, key: Parameters) -> tuple[Topic, Subscription] | None:
    """Find it in the engine: listings do not tell the ARN of one that waits for its confirmation."""
    topic = operations.engine.resources.get(key["TopicArn"])
    if not isinstance(topic, Topic):
        return None
    found = topic.audience.at(key["Protocol"], key.get("Endpoint", ""))
    return None if found is None else (topic, found)


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    found = _find(operations, key)
    if found is None:
        return None
    attributes = write_attributes(*found, operations.engine.clock.now())
    return present(
        {
            **{name: attributes[name] for name in ("TopicArn", "Protocol", "Endpoint")},
            "Attributes": {name: text for name, text in attributes.items() if name in SETTABLE_NAMES},
        }
    )


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    found = _find(operations, there)
    if found is None:
        return
    for name, text in differing["Attributes"].items():
        operations(
            sns,
            "SetSubscriptionAttributes",
            SubscriptionArn=found[1].arn,
            AttributeName=name,
            AttributeValue=text,
        )


SUBSCRIPTIONS = Section(
    name="subscriptions",
    service=sns,
    making="Subscribe",
    key=("TopicArn", "Protocol", "Endpoint"),
    keys=_keys,
    read=_read,
    change=_change,
    attributes=SETTABLE_NAMES,
    defaults={"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"},
    references=(
        Reference(("TopicArn",), ("topic",)),
        Reference(("Endpoint",), ("queue",), only_if=("Protocol", "sqs")),
        Reference(("Endpoint",), ("function",), only_if=("Protocol", "lambda")),
        Reference(("Attributes", "RedrivePolicy", "deadLetterTargetArn"), ("queue",)),
    ),
    leave_out=frozenset({"ReturnSubscriptionArn"}),
)
