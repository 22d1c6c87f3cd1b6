"""An event bus: finds the rules that an event matches and returns their deliveries.

What each rule makes of an event is rule.py; who carries the deliveries out is delivery.py.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.bus_log import NO_MATCH, RECEIPT, RULE_MATCH, BusLog
from pocketbus.emulator.buses.bus_policy import BusPolicy
from pocketbus.emulator.buses.event_quotas import check_quota
from pocketbus.emulator.buses.rule import WITH_READ_ONLY_CALLS, Rule, RuleSettings
from pocketbus.emulator.buses.target import RuleDelivery
from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import AccessDeniedException, HopLimitReached, MalformedDetail
from pocketbus.rules.event import TRUE, Event
from pocketbus.rules.index import Index

DEFAULT_BUS = "default"
PUT_EVENTS = "events:PutEvents"
_UNMATCHED = "matched no rule"


class BusSettings(Struct, frozen=True):
    """What a bus's owner can set; of this only the two about logging have an effect here."""

    description: str | None = None
    kms_key_identifier: str | None = None
    dead_letter_target: str | None = None
    log_level: str | None = None
    log_detail: str | None = None


class Bus:
    """One event bus of one account and region; `settings` and `policy` are replaced as a whole.

    `modified_at` is None for a default bus that nobody has changed.
    """

    def __init__(self, arn: Arn, settings: BusSettings, core: Core, now: float) -> None:
        self.arn = str(arn)
        self.name = arn.resource.partition("/")[2]
        self.owner = arn.account
        self.log = BusLog(self.arn, self.name)
        self.policy = BusPolicy()
        self.tags: dict[str, str] = {}
        self.rules: Catalogue[Rule] = Catalogue()
        self.created_at = now
        self._arn = arn
        self._core = core
        self._index: Index[str] = Index()
        self.modified_at: float | None = None
        self.configure(settings, now)
        if self.name == DEFAULT_BUS:
            self.modified_at = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not; the index follows from the rules."""
        return {name: part for name, part in vars(self).items() if name not in {"rules", "_index"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.rules = Catalogue()
        self._index = Index()

    def rows(self) -> Iterator[list[Any]]:
        """Yield the rules, for a state to be kept."""
        return ([rule] for rule in self.rules.values())

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        (rule,) = row
        if not isinstance(rule, Rule):
            raise TypeError("a bus consists of rules")
        self.rules[rule.name] = rule
        self._file(rule)

    @property
    def untouched(self) -> bool:
        """Tell whether the bus is as it came to be, with nothing of its own."""
        return (
            self.modified_at is None
            and self.settings == BusSettings()
            and not (self.rules or self.tags or self.policy)
        )

    def configure(self, settings: BusSettings, now: float) -> None:
        self.settings = settings
        self.log.configure(settings.log_level, settings.log_detail)
        self.modified_at = now

    # Rules

    def put_rule(
        self,
        name: str,
        settings: RuleSettings,
        *,
        created_by: str,
        tags: Mapping[str, str],
        now: float,
        managed_by: str | None = None,
    ) -> Rule:
        """Make or replace a rule; one that was there keeps its targets and its tags."""
        rule = self.rules.get(name)
        if rule is None:
            check_quota(self._core.config.event_quotas.rules_per_bus, len(self.rules))
            rule = Rule(
                self._rule_arn(name), name, self.name, created_by, tags, self.log, self._core, managed_by
            )
            self.rules[name] = rule
        rule.configure(settings, now)
        self._file(rule)
        return rule

    def switch_rule(self, rule: Rule, state: str, now: float) -> None:
        """Enable or disable a rule."""
        rule.switch(state, now)
        self._file(rule)

    def delete_rule(self, rule: Rule) -> None:
        rule.close()
        self._index.remove(rule.name)
        del self.rules[rule.name]

    def _file(self, rule: Rule) -> None:
        self._index.remove(rule.name)
        if rule.settings.enabled and rule.settings.pattern is not None:
            self._index.add(rule.name, rule.settings.pattern)

    def _rule_arn(self, name: str) -> Arn:
        place = "" if self.name == DEFAULT_BUS else f"{self.name}/"
        return self._arn._replace(resource=f"rule/{place}{name}")

    # Events

    def put(self, event: BusEvent, now: float) -> Iterable[Delivery]:
        """Take an event and return what its matching rules deliver."""
        return self._route(event, now, hops=0)

    def replay(self, event: BusEvent, only: Collection[str] | None, now: float) -> Iterable[Delivery]:
        """Take an event of an archive again; `only` names the rules that may match, None: all."""
        return self._route(event, now, hops=0, only=only)

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take what a rule of another bus forwards, once only; what has no hops was put on this bus in another shard.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
        """
        if not isinstance(delivery, RuleDelivery):
            raise MalformedDetail("Only a rule delivers to an event bus.")
        if delivery.hops > 1:
            raise HopLimitReached
        sender = Arn.parse(delivery.source)
        if sender is not None:
            self.authorize(sender.account, PUT_EVENTS)
        event = delivery.event
        if delivery.content is not event:
            event = event.with_detail(delivery.content.body)
        became = ""
        if delivery.hops and sender is not None and self._is_away(sender):
            became = self._core.ids.uuid()
            event = event.with_id(became)
        self._core.trace.record(now, "delivered", self.arn, delivery.subject, delivery.source, became)
        return self._route(event, now, delivery.hops)

    def _is_away(self, sender: Arn) -> bool:
        """Tell a sender of another account or region: here, AWS was seen, its events get ids of their own."""
        return (sender.account, sender.region) != (self._arn.account, self._arn.region)

    def authorize(self, account: str, action: str) -> None:
        """Raise AccessDeniedException unless the account owns the bus or its policy admits the action."""
        if account != self.owner and not self.policy.admits(account, action):
            raise AccessDeniedException(
                f"Account {account} is not authorized to perform: {action} on resource: {self.arn} "
                f"because no resource-based policy allows the {action} action"
            )

    def _route(
        self, event: BusEvent, now: float, hops: int, only: Collection[str] | None = None
    ) -> list[Delivery]:
        subject = event.envelope.event_id
        rules = self._matching(event, only)
        record, log = self._core.trace.record, self.log if self.log.level else None
        self._core.recent.keep(subject, self.arn, event, event.size)
        if not rules and log is None:
            self._core.trace.record_unmatched(now, self.arn, subject, _UNMATCHED)
            return []
        record(now, "accepted", self.arn, subject)
        if log is not None:
            log.write(RECEIPT, event, now, {})
        if not rules or all(rule.managed_by for rule in rules):
            record(now, "unmatched", self.arn, subject, _UNMATCHED)
            if log is not None:
                log.write(NO_MATCH, event, now, {})
        deliveries: list[Delivery] = []
        for rule in rules:
            record(now, "matched", rule.arn, subject, "" if rule.targets else "has no targets")
            if log is not None:
                log.write(RULE_MATCH, event, now, {"rule_arn": rule.arn})
            if rule.targets:
                deliveries.extend(rule.deliveries(event, now, hops))
        return deliveries

    def _matching(self, event: BusEvent, only: Collection[str] | None) -> list[Rule]:
        if not self.rules or not self._index:
            event.pass_unseen()
            return []
        matchable = event.matchable()
        rules = [self.rules[name] for name in self._index.matching(matchable) if only is None or name in only]
        if is_read_only_call(event, matchable):
            rules = [rule for rule in rules if rule.managed_by or rule.settings.state == WITH_READ_ONLY_CALLS]
        return rules

    def close(self) -> None:
        """Nobody waits at a bus."""


def is_read_only_call(event: BusEvent, matchable: Event) -> bool:
    """Tell an AWS service's call that changed nothing, which ordinary rules do not get to see.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    """
    envelope = event.envelope
    return (
        envelope.detail_type == "AWS API Call via CloudTrail"
        and envelope.source.startswith("aws.")
        and matchable.find("detail.readOnly") == [TRUE]
    )
