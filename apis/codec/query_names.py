"""The names of the query protocol that the SQS model no longer has: members, list items, map keys, error codes.

Sources: the SQS API reference before its JSON protocol, and the parameters older SDKs send.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from pocketbus.apis.model import ErrorShape, Shape


class QueryNames(Struct, frozen=True):
    """How one service writes lists and maps; `members` and `items` hold what differs from the model's names."""

    flattened: bool = False
    entry: tuple[str, str] = ("key", "value")
    members: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of_member(self, name: str, shape: Shape) -> str:
        """Return the name a member goes by; a flattened list goes by the name of its items."""
        return self.items.get(shape.name) or self.members.get(name, name)

    def of_entry(self, shape: Shape) -> tuple[str, str]:
        """Return the names of a map's key and value."""
        return self.keys.get(shape.name) or shape.entry or self.entry


PLAIN = QueryNames()

SQS_NAMES = QueryNames(
    flattened=True,
    entry=("Name", "Value"),
    members={
        "Attributes": "Attribute",
        "MessageAttributes": "MessageAttribute",
        "MessageSystemAttributes": "MessageSystemAttribute",
        "Tags": "Tag",
        "tags": "Tag",
    },
    items={
        "AWSAccountIdList": "AWSAccountId",
        "ActionNameList": "ActionName",
        "AttributeNameList": "AttributeName",
        "BatchResultErrorEntryList": "BatchResultErrorEntry",
        "BinaryList": "BinaryListValue",
        "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
        "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
        "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
        "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
        "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
        "MessageAttributeNameList": "MessageAttributeName",
        "MessageList": "Message",
        "MessageSystemAttributeList": "MessageSystemAttributeName",
        "QueueUrlList": "QueueUrl",
        "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
        "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
        "StringList": "StringListValue",
        "TagKeyList": "TagKey",
    },
    keys={"TagMap": ("Key", "Value")},
)

QUERY_NAMES: Mapping[str, QueryNames] = {"sqs": SQS_NAMES}

# What the query protocol's JSON answers call members otherwise than the model does.
JSON_MEMBERS: Mapping[tuple[str, str], str] = {
    ("ListQueuesResult", "QueueUrls"): "queueUrls",
    ("ReceiveMessageResult", "Messages"): "messages",
}

_SENT = ("MessageId", "MD5OfMessageBody", "MD5OfMessageAttributes", "MD5OfMessageSystemAttributes")

# The order in which AWS writes members in XML, where it is another than in JSON; what is not named follows.
XML_ORDER: Mapping[str, tuple[str, ...]] = {
    "SendMessageResult": _SENT,
    "SendMessageBatchResultEntry": ("Id", *_SENT),
}

XML_PLAIN = frozenset(
    {
        "MD5OfBody",
        "MD5OfMessageAttributes",
        "MD5OfMessageBody",
        "MessageId",
        "ReceiptHandle",
        "SequenceNumber",
    }
)
"""Members of answers whose texts are ids, digits or base64, made here, and need no escape."""

XML_NAMESPACES: Mapping[str, str] = {"sqs": "http://queue.amazonaws.com/doc/2012-11-05/"}

_SIMPLE_QUEUE_SERVICE = "AWS.SimpleQueueService."

# What the SQS model leaves out of its errors; JSON answers carry these codes in x-amzn-query-error.
SQS_ERRORS: Mapping[str, ErrorShape] = {
    shape.name: shape
    for shape in (
        ErrorShape("BatchEntryIdsNotDistinct", _SIMPLE_QUEUE_SERVICE + "BatchEntryIdsNotDistinct"),
        ErrorShape("BatchRequestTooLong", _SIMPLE_QUEUE_SERVICE + "BatchRequestTooLong"),
        ErrorShape("EmptyBatchRequest", _SIMPLE_QUEUE_SERVICE + "EmptyBatchRequest"),
        ErrorShape("InvalidAddress", "InvalidAddress", 404),
        ErrorShape("InvalidBatchEntryId", _SIMPLE_QUEUE_SERVICE + "InvalidBatchEntryId"),
        ErrorShape("InvalidSecurity", "InvalidSecurity", 403),
        ErrorShape("KmsAccessDenied", "KMS.AccessDeniedException"),
        ErrorShape("KmsDisabled", "KMS.DisabledException"),
        ErrorShape("KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException"),
        ErrorShape("KmsInvalidState", "KMS.InvalidStateException"),
        ErrorShape("KmsNotFound", "KMS.NotFoundException"),
        ErrorShape("KmsOptInRequired", "KMS.OptInRequired", 403),
        ErrorShape("KmsThrottled", "KMS.ThrottlingException"),
        ErrorShape("MessageNotInflight", _SIMPLE_QUEUE_SERVICE + "MessageNotInflight"),
        ErrorShape("OverLimit", "OverLimit", 403),
        ErrorShape("PurgeQueueInProgress", _SIMPLE_QUEUE_SERVICE + "PurgeQueueInProgress", 403),
        ErrorShape("QueueDeletedRecently", _SIMPLE_QUEUE_SERVICE + "QueueDeletedRecently"),
        ErrorShape("QueueDoesNotExist", _SIMPLE_QUEUE_SERVICE + "NonExistentQueue"),
        ErrorShape("QueueNameExists", "QueueAlreadyExists"),
        ErrorShape("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404),
        ErrorShape("RequestThrottled", "RequestThrottled", 403),
        ErrorShape("ResourceNotFoundException", "ResourceNotFoundException", 404),
        ErrorShape("TooManyEntriesInBatchRequest", _SIMPLE_QUEUE_SERVICE + "TooManyEntriesInBatchRequest"),
        ErrorShape("UnsupportedOperation", _SIMPLE_QUEUE_SERVICE + "UnsupportedOperation"),
    )
}

# The text over JSON, and the older one that the query protocol kept.
QUERY_TEXTS: Mapping[str, str] = {
    "The specified queue does not exist.": "The specified queue does not exist for this wsdl version.",
}
