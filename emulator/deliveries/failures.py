"""How a delivery over a network fails: for now or for good."""

from pocketbus.emulator.errors import EngineError


class TransientFailure(EngineError):
    """The target did not take the delivery, and might take it later."""


class TargetUnreachable(TransientFailure):
    """No connection to the target could be made, or it broke."""


class TargetTimedOut(TransientFailure):
    """The target did not answer in time."""


class TargetThrottled(TransientFailure):
    """The target asks for fewer requests."""


class TargetFailed(TransientFailure):
    """The target answered with an error of its own."""


class TargetMissing(EngineError):
    """The target does not exist."""


class TargetRefused(EngineError):
    """The target refused the delivery for good."""


class CourierOverloaded(EngineError):
    """Too many deliveries wait for their targets."""


class AttemptDefect(EngineError):
    """The attempt ended in a defect of the emulator; its log tells more."""


class GaveUp(EngineError):
    """A delivery failed for good after `retries` retries; `condition` names the limit that ended them, if one did."""

    def __init__(self, cause: EngineError, retries: int, condition: str) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.retries = retries
        self.condition = condition
