"""The ready messages of a standard queue: first sent, first out, and fair between tenants.

Messages with a MessageGroupId belong to a tenant of that name, all others to one tenant without a name. The next
message comes from the tenant with the fewest messages in flight, and among equals from the one that was served
longest ago. So neither a large backlog nor slow consumers of one tenant delay the others.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.sent_order import SentOrder
from pocketbus.emulator.releases import Container

_SLACK = 64


class Tenant(SentOrder):
    """One tenant's ready messages, how many they are, and how many it has in flight."""

    __slots__ = ("in_flight", "name", "queued", "ready", "served_at_turn")

    def __init__(self, name: str | None, turn: int) -> None:
        super().__init__()
        self.name = name
        self.ready = 0
        self.in_flight = 0
        self.served_at_turn = turn
        self.queued = 0
        """The number of its latest entry among the turns, 0: none; earlier ones no longer count."""

    @property
    def idle(self) -> bool:
        return not self.ready and not self.in_flight

    def discard(self) -> None:
        """Let one message go that has just left the ready state, wherever it stands."""
        self.ready -= 1
        self.shrink(self.ready)


class FairOrder:
    """Chooses the tenant whose turn it is. All verbs are O(log tenants); a queue without groups has but one."""

    def __init__(self) -> None:
        self._turn = 0
        self._nameless = Tenant(None, 0)
        self._tenants: dict[str | None, Tenant] = {None: self._nameless}
        self._turns: list[tuple[int, int, int, Tenant]] = []
        self._queued = 0

    def add(self, message: Message) -> None:
        """Take a message that has become ready."""
        tenant = self._nameless if message.group_id is None else self._tenant_of(message, message.group_id)
        line = tenant.line
        if not line or ((last := line[-1]).sequence < message.sequence and last.sent_at <= message.sent_at):
            line.append(message)  # as `add` would, without the call
        else:
            tenant.add(message)
        tenant.ready = ready = tenant.ready + 1
        if ready == 1:
            tenant.served_at_turn = self._turn
            if len(self._tenants) > 1:
                self._keep_turn(tenant)

    def _tenant_of(self, message: Message, name: str) -> Tenant:
        tenant = self._tenants.get(name)
        if tenant is None:
            tenant = self._tenants[name] = Tenant(name, self._turn)
            if len(self._tenants) == 2:  # the first named tenant: from now on turns are kept
                self._keep_turn(self._nameless)
        message.group_id = tenant.name  # one string a tenant, not one a message
        return tenant

    def draw(self) -> Iterator[Message]:
        """Hand out ready messages in their order; each counts as in flight until it is settled."""
        return iter(self._take, None)

    def _take(self) -> Message | None:
        alone = len(self._tenants) == 1
        tenant = self._nameless if alone else self._next()
        if tenant is None or not tenant.ready:
            return None
        self._turn = tenant.served_at_turn = self._turn + 1
        tenant.in_flight += 1
        tenant.ready -= 1
        message = tenant.pop()
        if not alone:
            self._keep_turn(tenant)
        return message

    def settle(self, message: Message) -> None:
        """Count a drawn message as no longer in flight."""
        tenant = self._tenants[message.group_id]
        tenant.in_flight -= 1
        if len(self._tenants) > 1:
            self._let_go_idle(tenant)
            self._keep_turn(tenant)

    def discard(self, message: Message) -> None:
        """Let go of a ready message that was deleted or has expired."""
        tenant = self._tenants[message.group_id]
        tenant.discard()
        self._let_go_idle(tenant)  # its turn stays what it was

    def containers(self) -> Iterator[Container]:
        """Yield all that holds messages."""
        for tenant in self._tenants.values():
            yield from tenant.containers()
        yield self._turns
        yield self._tenants

    # A state that is kept: the tenants first, then the messages

    def kept(self) -> dict[str, Any]:
        """Tell how far the turns are."""
        return {"turn": self._turn, "queued": self._queued}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._turn, self._queued = kept["turn"], kept["queued"]

    def groups(self) -> Iterator[list[Any]]:
        """Yield a row for each tenant."""
        for tenant in self._tenants.values():
            yield [tenant.name, tenant.served_at_turn, tenant.queued if tenant.ready else 0, tenant.in_flight]

    def take_group(self, row: list[Any]) -> None:
        """Know a tenant again; its messages follow."""
        name, turn, queued, in_flight = row
        tenant = self._tenants.setdefault(name, Tenant(name, turn))
        tenant.served_at_turn, tenant.queued, tenant.in_flight = turn, queued, in_flight
        if queued:
            heapq.heappush(self._turns, (in_flight, turn, queued, tenant))

    def line_up(self, message: Message) -> None:
        """Take a ready message again."""
        tenant = self._tenants[message.group_id]
        message.group_id = tenant.name
        tenant.add(message)
        tenant.ready += 1

    def claim(self, message: Message) -> None:
        """Know that a message is in flight: its tenant has counted it."""
        message.group_id = self._tenants[message.group_id].name

    # Turns

    def _next(self) -> Tenant | None:
        """Return the tenant whose turn it is among several."""
        while self._turns:
            _, _, queued, tenant = heapq.heappop(self._turns)
            if tenant.ready and queued == tenant.queued:
                tenant.queued = 0
                return tenant
        return None

    def _let_go_idle(self, tenant: Tenant) -> None:
        if tenant.idle and tenant.name is not None:
            del self._tenants[tenant.name]
            if len(self._tenants) == 1:
                self._turns.clear()
                self._nameless.queued = 0

    def _keep_turn(self, tenant: Tenant) -> None:
        """File the tenant under its present rank; what was filed before no longer matches and is skipped."""
        if not tenant.ready or len(self._tenants) == 1:
            return
        if len(self._turns) > 2 * len(self._tenants) + _SLACK:
            self._turns = [entry for entry in self._turns if entry[3].ready and entry[2] == entry[3].queued]
            heapq.heapify(self._turns)
        heapq.heappush(self._turns, self._rank(tenant))

    def _rank(self, tenant: Tenant) -> tuple[int, int, int, Tenant]:
        self._queued += 1
        tenant.queued = self._queued
        return (tenant.in_flight, tenant.served_at_turn, self._queued, tenant)
