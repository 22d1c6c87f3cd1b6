"""Calls of AWS's APIs from within: what is served here is carried out as a client's call is, the rest is captured."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from msgspec.structs import replace

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.courier import Courier, Outcome
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TransientFailure
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.deliveries.owners import account_in, account_of
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Text

API_CALL = "aws-sdk"
"""What a delivery asks for that calls an operation."""

_FUNCTION_CALL = ("lambda", "invoke")


class CallFailure(EngineError):
    """An operation answered with an error; `code` is that of its API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CallFailed(CallFailure, TransientFailure):
    """The operation might succeed later."""


class CallRefused(CallFailure):
    """The operation will not succeed."""


class ApiOperation(NamedTuple):
    """An operation that is served here: the members that a request needs, and how it is carried out.

    `perform` takes the ARN of what calls, whose account and region count, and the request; it raises CallFailure.
    """

    needed: tuple[str, ...]
    perform: Callable[[str, Any], Outcome]


Find = Callable[[str], ApiOperation | None]


class ApiCall(NamedTuple):
    """One call: what makes it (`caller`) and where it was told to (`destination`), both ARNs, under which subject."""

    service: str
    action: str
    caller: str
    destination: str
    subject: str
    request: Any


class ApiDelivery(Delivery, kw_only=True, eq=False):
    """A call of one operation, by the names that Scheduler's universal targets have for service and action."""

    @property
    def service(self) -> str:
        raise NotImplementedError

    @property
    def action(self) -> str:
        raise NotImplementedError

    @property
    def destination(self) -> str:
        """The ARN that the target was given as."""
        raise NotImplementedError

    def request(self, attempt: int) -> Any:
        """Return the request of an attempt, counted from 1."""
        raise NotImplementedError

    @property
    def owner(self) -> str:
        """The account of what was given as the target or, where that is an operation, of what its request names."""
        if (self.service, self.action) == _FUNCTION_CALL:
            return super().owner
        return account_of(self.destination) or account_in(self.request(1))


class CallDelivery(ApiDelivery, kw_only=True, eq=False):
    """A call whose attempts all make the same request."""

    given_service: str
    given_action: str
    given_destination: str
    given_request: Any
    protocol: str = API_CALL

    @property
    def service(self) -> str:
        return self.given_service

    @property
    def action(self) -> str:
        return self.given_action

    @property
    def destination(self) -> str:
        return self.given_destination

    def request(self, attempt: int) -> Any:  # noqa: ARG002
        return self.given_request


def call_delivery(call: ApiCall, **more: Any) -> CallDelivery:
    """Return what has a call made, in the shard of the resource that it is about."""
    return CallDelivery(
        source=call.caller,
        target=f"arn:aws:scheduler:::aws-sdk:{call.service}:{call.action}",
        content=Text(json.dumps(call.request)),
        subject=call.subject,
        given_service=call.service,
        given_action=call.action,
        given_destination=call.destination,
        given_request=call.request,
        counts=False,
        **more,
    )


class ApiCalls(Gateway):
    """Every operation of every API, by service and action. The wire room tells which of them are served."""

    serves = (API_CALL,)

    def __init__(self, core: Core, courier: Courier) -> None:
        self._core = core
        self._courier = courier
        self._services: dict[str, Find] = {}

    def serve(self, service: str, find: Find) -> None:
        """Learn what finds the operations of a service by their actions."""
        self._services[service] = find

    def serves_service(self, service: str) -> bool:
        return service in self._services

    def operation(self, service: str, action: str) -> ApiOperation | None:
        find = self._services.get(service)
        return None if find is None else find(action)

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery] | None:
        """Call the operation at once; what fails for now is tried again. A function is a target of its own."""
        if not isinstance(delivery, ApiDelivery):
            raise TypeError(f"{delivery!r} calls no operation")
        if (delivery.service, delivery.action) == _FUNCTION_CALL and delivery.destination != delivery.target:
            return (replace(delivery, target=delivery.destination, protocol=delivery.service),)
        operation = self.operation(delivery.service, delivery.action)
        if operation is not None:
            self._courier.try_at_once(delivery, partial(self._attempt, delivery), now)
            return None
        self._capture(_first_call(delivery), now)
        return ()

    def call(self, call: ApiCall, now: float) -> Outcome:
        """Call an operation once, or capture the call of one that is not served. Raise CallFailure."""
        operation = self.operation(call.service, call.action)
        if operation is None:
            return self._capture(call, now)
        outcome = operation.perform(call.caller, call.request)
        self._core.trace.record(
            now, "delivered", call.destination, call.subject, outcome.text, outcome.became
        )
        return outcome

    def _attempt(self, delivery: ApiDelivery, number: int) -> Outcome:
        operation = self.operation(delivery.service, delivery.action)
        if operation is None:
            raise TypeError(f"{delivery.service}:{delivery.action} is not served")
        return operation.perform(delivery.source, delivery.request(number))

    def _capture(self, call: ApiCall, now: float) -> Outcome:
        why = f"{call.service}:{call.action} is not emulated"
        payload = json.dumps(call.request, ensure_ascii=False, separators=(",", ":"))
        self._core.trace.record(now, "captured", call.destination, call.subject, why)
        details = {"action": call.action}
        self._core.outbox.capture(
            Captured(now, call.service, call.caller, call.destination, payload, details, why)
        )
        return Outcome(why)


def _first_call(delivery: ApiDelivery) -> ApiCall:
    names = (delivery.service, delivery.action)
    return ApiCall(*names, delivery.source, delivery.destination, delivery.subject, delivery.request(1))
