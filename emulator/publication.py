"""What a publisher hands to a topic, and the notification that the topic makes of it once for all subscribers."""

from collections.abc import Mapping

from pocketbus.emulator.message import NO_ATTRIBUTES, Attributes, Text, size_of_attributes


class Publication:
    """A message on its way into a topic; `by_protocol` holds other texts for some protocols of subscribers."""

    __slots__ = (
        "attributes",
        "by_protocol",
        "deduplication_id",
        "group_id",
        "message",
        "size",
        "subject",
        "trace_header",
    )

    def __init__(
        self,
        message: str,
        *,
        subject: str | None = None,
        by_protocol: Mapping[str, str] | None = None,
        attributes: Attributes = NO_ATTRIBUTES,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        trace_header: str | None = None,
    ) -> None:
        self.message = message
        self.subject = subject
        self.by_protocol = by_protocol
        self.attributes = attributes
        self.group_id = group_id
        self.deduplication_id = deduplication_id
        self.trace_header = trace_header
        self.size = len(message.encode("utf-8", "surrogatepass")) + size_of_attributes(attributes)

    def message_for(self, protocol: str) -> str:
        if self.by_protocol is None:
            return self.message
        return self.by_protocol.get(protocol, self.by_protocol["default"])


class Notification:
    """An accepted publication, shared by all its subscribers."""

    __slots__ = (
        "_raw",
        "message_id",
        "publication",
        "published_at",
        "sequence_number",
        "signature_version",
        "topic_arn",
    )

    def __init__(
        self,
        publication: Publication,
        topic_arn: str,
        message_id: str,
        sequence_number: str | None,
        published_at: float,
        signature_version: str,
    ) -> None:
        self.publication = publication
        self.topic_arn = topic_arn
        self.message_id = message_id
        self.sequence_number = sequence_number
        self.published_at = published_at
        self.signature_version = signature_version
        self._raw: dict[str, Text] = {}

    def raw(self, protocol: str) -> Text:
        """Return what all subscribers of a protocol with raw delivery share: the message itself, no envelope."""
        text = self._raw.get(protocol)
        if text is None:
            publication = self.publication
            text = self._raw[protocol] = Text(
                publication.message_for(protocol), publication.attributes, publication.trace_header
            )
        return text
