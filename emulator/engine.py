"""The engine: every scope around one core, and its life from start to stop.

Concurrency: everything here runs on one event loop, and nothing between two awaits interleaves. There are no locks,
no threads and no module-level state; two engines in one process do not know of each other.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import chain, islice
from types import TracebackType
from typing import Self

from pocketbus.emulator.agenda import Agenda
from pocketbus.emulator.buses.api_invocation import ApiDestinations
from pocketbus.emulator.buses.default_buses import DefaultBuses
from pocketbus.emulator.buses.events_scope import EventsScope
from pocketbus.emulator.buses.health import HealthChecks
from pocketbus.emulator.config import Config
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.attempts import Attempts
from pocketbus.emulator.custombuses.expressions import Expressions
from pocketbus.emulator.custombuses.pump import Pump
from pocketbus.emulator.deliveries.api_calls import ApiCalls
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.elsewhere import Elsewhere
from pocketbus.emulator.deliveries.log_group import LogGroups
from pocketbus.emulator.deliveries.mail import Mail
from pocketbus.emulator.deliveries.phones import Phones
from pocketbus.emulator.deliveries.webhook import Webhooks
from pocketbus.emulator.functions.asynchronous import AsynchronousInvocations
from pocketbus.emulator.functions.deployed import DeployedFunction
from pocketbus.emulator.functions.destinations import Destinations
from pocketbus.emulator.releases import remains_of
from pocketbus.emulator.scope import SERVICES, Scope
from pocketbus.emulator.shards.exchange import Exchange
from pocketbus.emulator.state.snapshots import Snapshots
from pocketbus.emulator.time.duration import LATEST


class Engine(Core):
    """Holds the scopes; as an async context manager, runs the timers on the current event loop."""

    def __init__(self, config: Config | None = None) -> None:
        config = config or Config()
        super().__init__(config)
        self._scopes: dict[tuple[str, str], Scope] = {}
        self.scopes_made = 0
        """How many scopes there ever were."""
        self.snapshots = Snapshots()
        self.courier = courier = self.add(Courier(self, config.delivery_limit))
        http = self.http
        self.log_groups = self.add(LogGroups(self))
        self.health_checks = self.add(HealthChecks())
        self.add(Webhooks(courier, http))
        self.add(Mail(self, courier, config.smtp, config.email_sender))
        self.add(Phones(lambda arn: self.scope_of(arn).sns.sms))
        destinations = self.add(ApiDestinations(self.clock, self.door, courier, http, self._events_of))
        self.add(DefaultBuses(lambda arn: self.scope_of(arn).events))
        self.api_calls = self.add(ApiCalls(self, courier))
        self.functions.deployed = self._deployed
        self.invocations = self.add(
            AsynchronousInvocations(self, courier, Destinations(self, self.api_calls))
        )
        attempts = Attempts(
            self, self.api_calls, self.invocations, self.add(Expressions(self.door)), destinations.invoke
        )
        self.pump = self.add(Pump(self, courier, attempts))
        self.add(Elsewhere(self, {kind for service in SERVICES.values() for kind in service.owns}))
        self.exchange = self.add(Exchange(self))
        self._moving = asyncio.Lock()

    def scope(self, account: str, region: str) -> Scope:
        key = (account, region)
        scope = self._scopes.get(key)
        if scope is None:
            scope = self._scopes[key] = Scope(account, region, self)
            self.scopes_made += 1
        elif self.door.inside:
            scope.begin_if_untouched(self.clock.now())
        return scope

    def existing(self, account: str, region: str) -> Scope | None:
        """Return a scope if something was put there before: a reader makes none."""
        return self._scopes.get((account, region))

    def forget_untouched(self, scopes: Iterable[Scope]) -> None:
        """Let go of those scopes in which nothing is that is not everywhere, and that no request uses any more."""
        for scope in scopes:
            if not scope.users and scope.untouched and self.existing(scope.account, scope.region) is scope:
                scope.withdraw()
                del self._scopes[scope.account, scope.region]

    def latest_scopes(self, made_before: int) -> list[Scope]:
        """Return the scopes that came to be since so many were made."""
        return list(islice(reversed(self._scopes.values()), self.scopes_made - made_before))

    @property
    def scopes(self) -> list[Scope]:
        """The scopes that were asked for so far."""
        return list(self._scopes.values())

    def scope_of(self, arn: str) -> Scope:
        """Return the scope of an ARN's account and region."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return self.scope(account, region)

    def _events_of(self, arn: str) -> EventsScope | None:
        """Return EventBridge there, if something was put there before."""
        _, _, _, region, account, _ = arn.split(":", 5)
        scope = self.existing(account, region)
        return None if scope is None else scope.events

    def _deployed(self, arn: str) -> DeployedFunction | None:
        _, _, _, region, account, _ = arn.split(":", 5)
        scope = self.existing(account, region)
        return None if scope is None else scope.functions.find(arn)

    def freeze(self) -> None:
        """Let the clock stand still until it is moved."""
        with self.door.entry("freeze"):
            self.clock.freeze()
        self.timers.rearm()

    def thaw(self) -> None:
        """Let the clock run on from where it stands."""
        with self.door.entry("thaw"):
            self.clock.thaw()
        self.timers.rearm()

    def follow_the_system(self) -> None:
        """Let the clock run with the system's time, as at the beginning."""
        with self.door.entry("follow the system"):
            self.clock.follow_the_system()
        self.timers.rearm()

    def advance(self, seconds: float) -> None:
        """Move the clock on, firing everything due on the way at its own instant, without attempts over a network."""
        self.timers.advance_to(self.clock.now() + seconds)

    async def elapse(self, seconds: float) -> int:
        """Move the clock on likewise; attempts over a network are made at their instants, and time waits for them.

        Moves queue up: each begins where the one before it ended. Return the number of the last record before it.
        Raise ValueError where the clock ends.
        """
        async with self._moving:
            at = self.clock.now() + seconds
            if at > LATEST:
                raise ValueError("The clock ends with the year 9999.")
            return await self._elapse_to(at)

    async def elapse_to(self, at: float) -> int:
        """Do the same up to an instant; one that has passed undoes nothing, and answers every long poll."""
        async with self._moving:
            return await self._elapse_to(at)

    async def elapse_to_next(self) -> int:
        """Do the same up to the next instant at which something happens by itself."""
        async with self._moving:
            next_at = self.next_at
            return await self._elapse_to(self.clock.now() if next_at is None else next_at)

    async def _elapse_to(self, at: float) -> int:
        before = self.trace.last
        is_later = at >= self.clock.now()
        if not is_later:
            self.release_polls()  # their time would be over when the clock is here again
        await self.tasks.quiet()
        agenda = Agenda(self)
        while (due_at := _earlier(self.timers.next_at, agenda.next_at)) is not None and due_at <= at:
            self.timers.advance_to(max(due_at, self.clock.now()))
            await agenda.advance(self.clock.now())
            await self.tasks.quiet()
            # Whoever was woken acts at this instant, and other requests are served on a long way.
            await asyncio.sleep(0)
        # A running clock that has come further while attempts were made does not go back.
        self.timers.advance_to(max(at, self.clock.now()) if is_later else at)
        if not is_later:
            self.begin_schedules_anew()
        return before

    @property
    def next_at(self) -> float | None:
        """The next instant at which something happens by itself: now, for what is due and has not been looked at."""
        next_at = _earlier(self.timers.next_at, Agenda(self).next_at)
        return None if next_at is None else max(next_at, self.clock.now())

    def release_waiters(self) -> None:
        """Answer every long poll with nothing, send workers away, and end whoever follows the trace."""
        self.release_polls()
        for function in self.functions:
            function.attached.release()
        self.trace.close()

    def begin_schedules_anew(self) -> None:
        """Let what happens by a schedule be due after now, to which the clock has gone back."""
        with self.door.entry("begin schedules anew"):
            for scope in self.scopes:
                for service in scope.services.values():
                    service.begin_anew(self.clock.now())

    def rest(self) -> None:
        """Let go of what is in no exported state and nobody misses; state/standing.py tells of the rest."""
        with self.door.entry("rest"):
            for component in self.components:
                component.rest()

    def reset(self) -> None:
        """Forget every resource, message and fault, but no snapshot; long polls are answered with nothing."""
        for scope in self._scopes.values():
            scope.break_off()
        self.clear()
        scopes, self._scopes = self._scopes, {}
        services = chain.from_iterable(scope.services.values() for scope in scopes.values())
        self.releases.add(chain(remains_of(deque(services)), (scopes,)))

    async def __aenter__(self) -> Self:
        self.timers.attach(asyncio.get_running_loop())
        self.trace.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.door.close()
        self.release_waiters()
        for component in self.components:
            await component.close()
        await self.tasks.close()
        self.timers.detach()


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)
