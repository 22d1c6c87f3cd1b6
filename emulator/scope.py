"""One account in one region: its queues, topics and buses by name."""

from collections.abc import Mapping

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.core import Core
from pocketbus.emulator.queue import Queue
from pocketbus.emulator.queue_settings import QueueSettings
from pocketbus.emulator.topic import Topic, TopicSettings


class Scope:
    """The resources of one (account, region) pair, and the core that all pairs share."""

    def __init__(self, account: str, region: str, core: Core) -> None:
        self.account = account
        self.region = region
        self.core = core
        self.queues: dict[str, Queue] = {}
        self.buses: dict[str, Bus] = {}
        self.create_bus(DEFAULT_BUS, BusSettings(), {}, core.clock.now())
        self.topics: dict[str, Topic] = {}

    def arn(self, service: str, resource: str) -> str:
        return str(Arn.of(service, self.region, self.account, resource))

    def create_queue(self, name: str, settings: QueueSettings, tags: Mapping[str, str], now: float) -> Queue:
        """Make a queue of a name that is not taken."""
        queue = Queue(self.arn("sqs", name), self.account, settings, self.core, now)
        queue.tags.update(tags)
        self.queues[name] = self.core.resources[queue.arn] = queue
        return queue

    def delete_queue(self, queue: Queue) -> None:
        """Let a queue go with all its messages; who waits there is answered with nothing."""
        del self.queues[queue.name]
        del self.core.resources[queue.arn]
        queue.close()

    def create_topic(self, name: str, settings: TopicSettings, tags: Mapping[str, str]) -> Topic:
        """Make a topic of a name that is not taken."""
        topic = Topic(self.arn("sns", name), self.account, settings, self.core)
        topic.tags.update(tags)
        self.topics[name] = self.core.resources[topic.arn] = topic
        return topic

    def delete_topic(self, topic: Topic) -> None:
        """Let a topic go with all its subscriptions."""
        del self.topics[topic.name]
        del self.core.resources[topic.arn]

    def create_bus(self, name: str, settings: BusSettings, tags: Mapping[str, str], now: float) -> Bus:
        """Make an event bus of a name that is not taken; the default one exists from the start."""
        bus = Bus(
            Arn.of("events", self.region, self.account, f"event-bus/{name}"), settings, self.core, now
        )
        bus.tags.update(tags)
        self.buses[name] = self.core.resources[bus.arn] = bus
        return bus

    def delete_bus(self, bus: Bus) -> None:
        """Let go of a bus that has no rules."""
        del self.buses[bus.name]
        del self.core.resources[bus.arn]
