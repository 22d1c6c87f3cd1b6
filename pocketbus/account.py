"""One account of an emulator that several tests share: its clients, and the controls as far as they are its own."""

from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from pocketbus.controls.controls import Controls
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.workers import Handler
from pocketbus.emulator.inspection.expectation import RecordsSource, Source
from pocketbus.emulator.inspection.trace import Record
from pocketbus.emulator.trouble.faults import Fault
from pocketbus.environment import environment, variables_for

T = TypeVar("T")


class Clients(Controls):
    """Controls with boto3 clients, and with a way for those that other code makes."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The address at which the emulator serves HTTP, from the first time this is asked."""

    @abstractmethod
    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client that reaches the emulator without a socket; `options` are boto3's."""

    @abstractmethod
    def resource(self, service: str, **options: Any) -> Any:
        """Make a boto3 resource that reaches the emulator without a socket; `options` are boto3's."""

    def on_lambda(self, name: str, handler: Handler) -> None:
        """Run `handler(event, context)`, in a thread, whenever the Lambda function of this name is invoked.

        It may use clients of the emulator and must not move the clock: that waits until the handler is done.
        """
        self.call(lambda engine: engine.functions.handle(self._function(name), handler))

    def _function(self, name: str) -> str:
        """Return what a function is meant by: its name alone means those of all accounts and regions."""
        return name

    def variables(self) -> dict[str, str]:
        """Return the environment variables by which other programs' clients come here."""
        return variables_for(self.url, self.account, self.region)

    def environment(self) -> AbstractContextManager[None]:
        """Set these variables in this process for the time of a with block, for code that makes its own clients."""
        return environment(self.variables())


class Account(Clients):
    """Queues, topics and buses are named in this account, its trace and its looks show what is its own.

    The clock is the emulator's: who moves it moves it for all accounts.
    """

    def __init__(self, emulator: Clients, account: str, region: str) -> None:
        self._emulator = emulator
        self.account = self._own_account = account
        self.region = region
        self._since = emulator.call(lambda engine: engine.trace.last)
        self._marks = (f":{account}:", f"/{account}/")

    @property
    def url(self) -> str:
        return self._emulator.url

    def client(self, service: str, **options: Any) -> Any:
        return self._emulator.client(service, **self._own(options))

    def resource(self, service: str, **options: Any) -> Any:
        return self._emulator.resource(service, **self._own(options))

    def call(self, function: Callable[[Engine], T]) -> T:
        return self._emulator.call(function)

    async def call_async(self, function: Callable[[Engine], T]) -> T:
        return await self._emulator.call_async(function)

    def _await(self, function: Callable[[Engine], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        return self._emulator._await(function, seconds)  # noqa: SLF001 - the same abstract method

    async def _await_async(self, function: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        return await self._emulator._await_async(function)  # noqa: SLF001 - the same

    def _function(self, name: str) -> str:
        return str(Arn.of("lambda", self.region, self.account, f"function:{name}"))

    def look(self, noun: str) -> list[Any]:
        return [item for item in super().look(noun) if self._holds(item)]

    def faults(self) -> list[Fault]:
        return [fault for fault in super().faults() if fault.where.account == self.account]

    def _records(self, engine: Engine) -> list[Record]:
        """Return what happened since the account was taken: at its resources, or to what passed there."""
        records = list(engine.trace.after(self._since))
        subjects = {
            subject
            for record in records
            if self._is_own(record.resource)
            for subject in (record.subject, record.became)
        }
        return [record for record in records if record.subject in subjects]

    def _trace_source(self, engine: Engine, subject: str | None) -> Source:
        return (
            RecordsSource(engine, self._records)
            if subject is None
            else super()._trace_source(engine, subject)
        )

    def _captured(self, engine: Engine) -> list[Captured]:
        return list(filter(self._holds, engine.outbox))

    def _holds(self, item: Any) -> bool:
        return any(map(self._is_own, _places(item)))

    def _is_own(self, place: str) -> bool:
        return any(mark in place for mark in self._marks)

    def _own(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"aws_access_key_id": self.account, "region_name": self.region, **options}


def _places(item: Any) -> Iterator[str]:
    """Yield where something is: its ARN or, in the outbox, where it came from and went."""
    for name in ("arn", "source", "target"):
        yield getattr(item, name, "")
    yield f":{getattr(item, 'details', {}).get('account', '')}:"
