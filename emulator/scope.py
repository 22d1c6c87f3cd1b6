"""One account in one region: what each service has there."""

from collections.abc import Mapping
from typing import get_type_hints

from pocketbus.emulator.buses.events_scope import EventsScope
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.custom_buses_scope import CustomBusesScope
from pocketbus.emulator.functions.lambda_scope import LambdaScope
from pocketbus.emulator.pipes.pipes_scope import PipesScope
from pocketbus.emulator.queues.sqs_scope import SqsScope
from pocketbus.emulator.schedules.scheduler_scope import SchedulerScope
from pocketbus.emulator.service_scope import ServiceScope
from pocketbus.emulator.topics.sns_scope import SnsScope


class Scope:
    """The resources of one (account, region) pair, and the core that all pairs share.

    A service is one line here; its state has the name by which requests are signed for it.
    """

    sqs: SqsScope
    sns: SnsScope
    events: EventsScope
    scheduler: SchedulerScope
    functions: LambdaScope
    custom: CustomBusesScope
    pipes: PipesScope

    def __init__(self, account: str, region: str, core: Core) -> None:
        self.account = account
        self.region = region
        self.core = core
        self.begun_at = core.clock.now()
        self.users = 0
        """How many requests hold this scope while they wait for something."""
        self.services: dict[str, ServiceScope] = {}
        for attribute, kind in get_type_hints(Scope).items():
            self.services[kind.service] = kind(account, region, core)
            setattr(self, attribute, self.services[kind.service])

    @property
    def untouched(self) -> bool:
        """Tell whether nothing is here that is not in every account and region from the beginning."""
        return all(service.untouched for service in self.services.values())

    def break_off(self) -> None:
        """Have nothing gone on with that was received, before all is forgotten."""
        self.pipes.end()
        self.functions.end()

    def begin_if_untouched(self, now: float) -> None:
        """Let what is here from the beginning begin now: whoever has read here before makes no difference."""
        if self.begun_at != now and not self.sqs.queues and self.untouched:
            self.begun_at = now
            for service in self.services.values():
                service.forget(now)

    def withdraw(self) -> None:
        """Take what is here out of the directory."""
        for service in self.services.values():
            service.withdraw()


SERVICES: Mapping[str, type[ServiceScope]] = {kind.service: kind for kind in get_type_hints(Scope).values()}
"""The services that have a state, by name."""
