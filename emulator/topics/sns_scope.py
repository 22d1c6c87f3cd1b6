"""SNS in one account and region: topics, text messages, and the platform applications of mobile push."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Resource
from pocketbus.emulator.errors import InvalidStateException
from pocketbus.emulator.service_scope import ServiceScope
from pocketbus.emulator.topics.platform import PlatformApplication
from pocketbus.emulator.topics.sms import TextMessages
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_archive import TopicLog
from pocketbus.emulator.topics.topic_settings import TopicSettings


class SnsScope(ServiceScope):
    """Topics are by name, platform applications by ARN."""

    service = "sns"
    owns = ("sns",)
    holds = ("topics", "sms", "platform_applications")

    def begin(self, now: float) -> None:  # noqa: ARG002
        self.topics: Catalogue[Topic] = Catalogue()
        self.sms = TextMessages(self.account, self.region, self._core)
        self.platform_applications: Catalogue[PlatformApplication] = Catalogue()

    @property
    def untouched(self) -> bool:
        return not self.topics and not self.platform_applications and self.sms.untouched

    def resources(self) -> Iterator[Resource]:
        yield from self.topics.values()
        for application in self.platform_applications.values():
            yield from application.endpoints.values()

    def keep(self, kept: Mapping[str, Any]) -> None:
        super().keep(kept)
        for topic in self.topics.values():
            topic.audience.join(self._core.subscriptions)

    def logs(self) -> Iterator[TopicLog]:
        for topic in self.topics.values():
            if topic.archive.log is not None:
                yield topic.archive.log

    def end(self) -> None:
        for topic in self.topics.values():
            topic.confirmations.close()
            topic.audience.leave()

    def create_topic(self, name: str, settings: TopicSettings, tags: Mapping[str, str]) -> Topic:
        """Make a topic of a name that is not taken."""
        topic = Topic(self.arn(name), self.account, settings, self._core)
        topic.tags.update(tags)
        topic.audience.join(self._core.subscriptions)
        self.topics[name] = self._core.resources[topic.arn] = topic
        return topic

    def delete_topic(self, topic: Topic) -> None:
        """Let a topic go with all its subscriptions; an archive in force protects it."""
        if topic.settings.archive_policy is not None:
            raise InvalidStateException("Invalid state: Cannot delete a topic with an ArchivePolicy")
        del self.topics[topic.name]
        del self._core.resources[topic.arn]
        topic.confirmations.close()
        topic.audience.leave()
        self._core.releases.add(topic.remains())

    def create_platform_application(
        self, platform: str, name: str, attributes: Mapping[str, str]
    ) -> PlatformApplication:
        """Return the application of a platform and name; make it if there is none."""
        arn = self.arn(f"app/{platform}/{name}")
        application = self.platform_applications.get(arn)
        if application is None:
            application = PlatformApplication(arn, attributes, self._core)
            self.platform_applications[arn] = application
        return application

    def delete_platform_application(self, arn: str) -> None:
        """Let an application go with its endpoints, if there is one."""
        application = self.platform_applications.pop(arn, None)
        if application is not None:
            application.delete_endpoints()
