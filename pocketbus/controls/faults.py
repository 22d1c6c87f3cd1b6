"""Trouble on purpose."""

from typing import Any

from pocketbus.controls.calls import Calls
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.trouble.faults import Fault, make_preset
from pocketbus.emulator.trouble.incident import Where


class FaultControls(Calls):
    """Makes faults and takes them away."""

    def fault(
        self,
        kind: str,
        *,
        service: str | None = None,
        operation: str | None = None,
        resource: str | None = None,
        account: str | None = None,
        region: str | None = None,
        probability: float = 1.0,
        count: int | None = None,
        seconds: float | None = None,
        seed: int | None = None,
        **details: Any,
    ) -> Fault:
        """Make a fault: error, throttle, latency, cut, partial, duplicate, reorder or failure, with its details.

        It strikes where `service`, `operation`, `resource` (the latter two with * for any text), `account` and
        `region` say, with this probability, `count` times at most, for `seconds` of the emulator's time. Raise
        FaultError.
        """
        where = Where(service, operation, resource, account or self._own_account, region)

        def make(engine: Engine) -> Fault:
            return engine.faults.add(
                kind, where, details, probability=probability, count=count, seconds=seconds, seed=seed
            )

        return self.call(make)

    def preset(
        self,
        name: str,
        *,
        resource: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> list[Fault]:
        """Make the faults of a preset: with at-least-once, everything comes twice and out of order."""
        where = Where(resource=resource, account=account or self._own_account, region=region)
        return self.call(lambda engine: make_preset(engine.faults, name, where))

    def faults(self) -> list[Fault]:
        """Return the faults there are, those that are over included."""
        return self.call(lambda engine: list(engine.faults))

    def clear_faults(self, account: str | None = None) -> int:
        """Take all faults away, or those for one account; return how many there were."""
        return self.call(lambda engine: engine.faults.clear(account=account or self._own_account))

    def crash(self, queue: str) -> int:
        """Return the messages in flight to their queue at once, as when their consumers had crashed."""
        return self.call(lambda engine: self._queue(engine, queue).return_all(engine.clock.now()))
