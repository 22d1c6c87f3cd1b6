"""Errors on the wire: their codes and statuses by class name, and the mistakes of clients that no engine sees."""

from collections.abc import Mapping

from msgspec.structs import replace

from pocketbus.apis.codec.query_names import SQS_ERRORS
from pocketbus.apis.model import ErrorShape, ServiceModel
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.trouble.effects import InjectedError


class SerializationException(EngineError):
    """The request body is not what the operation's input looks like."""


class MalformedInput(EngineError):
    """The request's parameters are not what the operation's input looks like."""


class InvalidQueryParameter(EngineError):
    """The request has a parameter that its operation does not know."""


class UnknownOperationException(EngineError):
    """The operation is not known."""


class InvalidAction(EngineError):
    """The action is not valid for this endpoint."""


class MissingAction(EngineError):
    """The request is missing an action or a required parameter."""


class ValidationException(EngineError):
    """A member of the input breaks a constraint of the model."""


class ValidationError(ValidationException):
    """The same under the name that the query services use."""


class RequestEntityTooLarge(EngineError):
    """The request body is too large."""


class AccessDenied(EngineError):
    """The request is not answered to who makes it."""


class NotImplemented(EngineError):  # noqa: A001 - AWS's own code for it
    """The operation is known to AWS and not implemented here."""


class InternalFailure(EngineError):
    """The request processing has failed because of an unknown error, exception or failure."""


class ServiceUnavailable(EngineError):
    """The request has failed due to a temporary failure of the server; it may have been carried out or not."""


# Errors that AWS answers and no model has.
UNMODELLED: Mapping[str, ErrorShape] = {
    shape.name: shape
    for shape in (
        ErrorShape("InvalidParameterValueException", "InvalidParameterValue"),
        ErrorShape("MissingRequiredParameterException", "MissingParameter"),
        ErrorShape("AccessDenied", "AccessDenied", 403),
        ErrorShape("RequestEntityTooLarge", "RequestEntityTooLarge", 413),
        ErrorShape("InternalFailure", "InternalFailure", 500, sender=False),
        ErrorShape("NotImplemented", "NotImplemented", 501, sender=False),
        ErrorShape("ServiceUnavailable", "ServiceUnavailable", 503, sender=False),
    )
} | {"NotEmulated": ErrorShape("NotImplemented", "NotImplemented", 501, sender=False)}


class ErrorShapes:
    """Finds the wire's view of an error of one service by the name of its class."""

    def __init__(self, model: ServiceModel) -> None:
        self._modelled = {**model.errors, **(SQS_ERRORS if model.name == "sqs" else {})}

    def modelled(self, error: EngineError) -> bool:
        return error.name in self._modelled

    def of(self, error: EngineError) -> ErrorShape:
        name = error.name
        shape = self._modelled.get(name) or UNMODELLED.get(name) or ErrorShape(name, name)
        if isinstance(error, InjectedError) and error.status is not None:
            return replace(shape, status=error.status, sender=error.status < 500)
        return shape
