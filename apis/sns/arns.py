"""Finds what the ARNs of a request name, and refuses those that name nothing as SNS does."""

from pocketbus.apis.call import Call
from pocketbus.apis.missing import missing
from pocketbus.apis.sns.invalid import invalid
from pocketbus.emulator.arn import Arn, fault_of
from pocketbus.emulator.errors import NotFoundException, ResourceNotFoundException
from pocketbus.emulator.topics.platform import PlatformApplication, PlatformEndpoint
from pocketbus.emulator.topics.subscription import Subscription
from pocketbus.emulator.topics.topic import Topic

_SLASHES = {"PlatformApplicationArn": 2, "EndpointArn": 3, "TargetArn": 3}


def parse_arn(text: str, parameter: str) -> Arn:
    arn = Arn.parse(text)
    if arn is not None:
        return arn
    raise invalid(parameter, fault_of(text))


def topic_at(call: Call, text: str, parameter: str = "TopicArn") -> Topic | None:
    """Find a topic of any account in the caller's region."""
    topic = call.engine.resources.get(text)
    if isinstance(topic, Topic) and (
        call.scope.sns.topics.get(topic.name) is topic or text.split(":", 4)[3] == call.scope.region
    ):
        return topic
    arn = parse_arn(text, parameter)
    if arn.service != "sns" or arn.region != call.scope.region or ":" in arn.resource:
        raise invalid(parameter)
    return None


def find_topic(call: Call, text: str, parameter: str = "TopicArn") -> Topic:
    topic = topic_at(call, text, parameter)
    if topic is None:
        raise missing(call, NotFoundException("Topic does not exist"), text)
    return topic


def find_tagged(call: Call, text: str) -> Topic:
    """Find the topic that a request about tags names."""
    topic = topic_at(call, text, "ResourceArn")
    if topic is None:
        raise ResourceNotFoundException("Resource does not exist")
    return topic


def subscription_at(call: Call, text: str) -> tuple[Topic, Subscription] | None:
    """Find a subscription of any account and region, and the topic it belongs to."""
    topic = call.engine.resources.get(text.rpartition(":")[0])
    if not isinstance(topic, Topic):
        return None
    subscription = topic.audience.get(text)
    return None if subscription is None else (topic, subscription)


def find_subscription(call: Call, text: str) -> tuple[Topic, Subscription]:
    if parse_arn(text, "SubscriptionArn").region != call.scope.region:
        raise invalid("SubscriptionArn")
    found = subscription_at(call, text)
    if found is None:
        raise NotFoundException("Subscription does not exist")
    return found


def check_platform_arn(call: Call, text: str, parameter: str) -> None:
    """Refuse what is not the ARN of a platform application or of an endpoint in the caller's region."""
    arn = parse_arn(text, parameter)
    if arn.resource.count("/") != _SLASHES[parameter]:
        raise invalid(parameter, "Wrong number of slashes in relative portion of the ARN.")
    if arn.service != "sns" or arn.region != call.scope.region:
        raise invalid(parameter)


def find_application(call: Call, text: str) -> PlatformApplication:
    check_platform_arn(call, text, "PlatformApplicationArn")
    application = call.scope.sns.platform_applications.get(text)
    if application is None:
        raise NotFoundException("PlatformApplication does not exist")
    return application


def endpoint_at(call: Call, text: str, parameter: str = "EndpointArn") -> PlatformEndpoint | None:
    check_platform_arn(call, text, parameter)
    endpoint = call.engine.resources.get(text)
    return endpoint if isinstance(endpoint, PlatformEndpoint) else None


def find_endpoint(call: Call, text: str) -> PlatformEndpoint:
    endpoint = endpoint_at(call, text)
    if endpoint is None:
        raise NotFoundException("Endpoint does not exist")
    return endpoint
