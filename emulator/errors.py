"""One class an AWS error shape; its docstring is its default message. Wire codes and statuses are the apis' affair."""

from collections.abc import Mapping
from types import MappingProxyType


class EngineError(Exception):
    """The request could not be carried out. `details` are what its shape has beside the message, by their names."""

    details: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message if message is not None else type(self).__doc__)

    @property
    def name(self) -> str:
        """The name of AWS's error."""
        return type(self).__name__

    @property
    def message(self) -> str:
        return str(self.args[0])


class UnsupportedOperation(EngineError):
    """The operation is not supported."""


class QueueDoesNotExist(EngineError):
    """The specified queue does not exist."""


class QueueNameExists(EngineError):
    """A queue already exists with the same name and a different value for an attribute."""


class QueueDeletedRecently(EngineError):
    """You must wait 60 seconds after deleting a queue before you can create another with the same name."""


class InvalidAttributeName(EngineError):
    """The specified attribute doesn't exist."""


class InvalidAttributeValue(EngineError):
    """A queue attribute value is invalid."""


class InvalidParameterValueException(EngineError):
    """A parameter's value is invalid."""


class MissingRequiredParameterException(EngineError):
    """The request lacks a required parameter."""


class InvalidMessageContents(EngineError):
    """The message contains characters outside the allowed set."""


class ReceiptHandleIsInvalid(EngineError):
    """The specified receipt handle isn't valid."""


class MessageUnavailable(EngineError):
    """Message does not exist or is not available for visibility timeout change"""


class OverLimit(EngineError):
    """The specified action violates a limit."""


class PurgeQueueInProgress(EngineError):
    """Only one PurgeQueue operation is allowed every 60 seconds."""


class EmptyBatchRequest(EngineError):
    """There should be at least one entry in the request."""


class TooManyEntriesInBatchRequest(EngineError):
    """The batch request contains more entries than permissible."""


class BatchEntryIdsNotDistinct(EngineError):
    """Two or more batch entries in the request have the same Id."""


class BatchRequestTooLong(EngineError):
    """The length of all the messages put together is more than the limit."""


class InvalidAddress(EngineError):
    """The specified ID is invalid."""


class CouldNotDetermineMessageSource(EngineError):
    """The queue that the message was dead-lettered from is not known."""


class InvalidBatchEntryId(EngineError):
    """The Id of a batch entry doesn't abide by the specification."""


class NotEmulated(EngineError):
    """What the request asks for is not emulated."""


class InvalidParameterException(EngineError):
    """A request parameter does not comply with its constraints."""


class NotFoundException(EngineError):
    """The requested resource does not exist."""


class SubscriptionLimitExceededException(EngineError):
    """The topic has as many subscriptions as it may have."""


class FilterPolicyLimitExceededException(EngineError):
    """The topic has as many filter policies as it may have."""


class TagLimitExceededException(EngineError):
    """Could not complete request: tag quota of per resource exceeded"""


class ResourceNotFoundException(EngineError):
    """Resource does not exist"""


class ResourceAlreadyExistsException(EngineError):
    """The resource you are trying to create already exists."""


class ValidationException(EngineError):
    """A parameter is not valid."""


class ConflictException(EngineError):
    """The resource exists already, or is not in a state for this operation."""


class LimitExceededException(EngineError):
    """The requested resource exceeds the maximum number allowed."""


class InvalidInputException(EngineError):
    """A member of the request is not valid."""


class ConcurrentModificationException(EngineError):
    """This resource was modified concurrently."""


class IdempotentParameterMismatchException(EngineError):
    """The client token was used with other parameters."""


class SchemaRegistryUnavailableException(EngineError):
    """The schema registry cannot be reached."""


class PublicPolicyException(EngineError):
    """The policy would grant public access."""


class InvalidEventPatternException(EngineError):
    """The event pattern is not valid."""


class PolicyLengthExceededException(EngineError):
    """The event bus policy is too long."""


class AccessDeniedException(EngineError):
    """You do not have sufficient access to perform this action."""


class InvalidArgument(EngineError):
    """A specified parameter is not valid."""


class MalformedDetail(EngineError):
    """Detail is malformed."""


class NotAuthorizedForSourceException(EngineError):
    """Not authorized for the source."""


class HopLimitReached(EngineError):
    """An event that one event bus forwarded to another is not forwarded again."""


class LoopDetected(EngineError):
    """an event can be sent to the same event bus target only once"""


class MalformedLogEvent(EngineError):
    """The transformed input for a log group is no JSON object with a message."""


class ManagedRuleException(EngineError):
    """The rule is managed by an AWS service and can be removed by force only."""


class IllegalStatusException(EngineError):
    """The resource is not in a state for this operation."""


class InternalErrorException(EngineError):
    """The request was not carried out because of a failure of the server."""


class InvalidStateException(EngineError):
    """The event source is not in a state for this operation."""


class OptedOutException(EngineError):
    """The phone number opted out of receiving text messages."""


class UserErrorException(EngineError):
    """A request parameter does not comply with its constraints."""


class VerificationException(EngineError):
    """The one-time password is not the one that was sent to the phone number."""


class EndpointDisabledException(EngineError):
    """Endpoint is disabled"""


class PlatformApplicationDisabledException(EngineError):
    """Platform application is disabled"""


class AuthorizationErrorException(EngineError):
    """The subscription can be taken away with credentials only."""


class ResourceConflictException(EngineError):
    """The resource already exists, or another operation is in progress."""


class ResourceInUseException(EngineError):
    """The operation conflicts with the resource's availability."""


class InvalidRequestContentException(EngineError):
    """The request body could not be parsed as JSON."""


class RequestTooLargeException(EngineError):
    """The request payload exceeded the limit."""


class TooManyRequestsException(EngineError):
    """Rate Exceeded."""


class CodeStorageExceededException(EngineError):
    """Code storage limit exceeded."""


class PreconditionFailedException(EngineError):
    """The RevisionId provided does not match the latest RevisionId for the function or alias."""


class ServiceException(EngineError):
    """The service encountered an internal error."""


class ResourceNotFoundError(LookupError):
    """What a person asked for by name is not here: a queue, a topic, a bus, an event, a snapshot. No error of AWS."""

    def __str__(self) -> str:
        return str(self.args[0])
