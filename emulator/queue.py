"""A queue: every verb on its messages, in O(1) or O(log n) of their number.

Each verb first moves what is due, then acts. What a receiver may see of a message is its Content; how it looks on
the wire is the apis' affair.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pocketbus.emulator.attempts import Attempts
from pocketbus.emulator.core import Core
from pocketbus.emulator.dedup import DeduplicationWindow
from pocketbus.emulator.delivery import Delivery
from pocketbus.emulator.errors import (
    EngineError,
    InvalidParameterValueException,
    MessageNotInflight,
    MissingRequiredParameterException,
    OverLimit,
    PurgeQueueInProgress,
    ReceiptHandleIsInvalid,
)
from pocketbus.emulator.fair import FairOrder
from pocketbus.emulator.fifo import FifoOrder
from pocketbus.emulator.limits import (
    IN_FLIGHT_MESSAGES,
    MOVE_TASKS_KEPT,
    PURGE_INTERVAL_SECONDS,
    VISIBILITY_SECONDS,
)
from pocketbus.emulator.message import Content, Message, State
from pocketbus.emulator.queue_settings import QueueSettings
from pocketbus.emulator.receipts import Receipt
from pocketbus.emulator.stock import Stock
from pocketbus.emulator.timers import Timer
from pocketbus.emulator.waiting import WaitingLine

if TYPE_CHECKING:
    from pocketbus.emulator.redrive import MoveTask

NO_DEDUPLICATION_ID = (
    "The queue should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)
_SEQUENCE_NUMBER_ORIGIN = 18_849_496_460_467_696_128
_SEQUENCE_NUMBER_STEP = 256


class Sent(NamedTuple):
    """What a sender learns; only a FIFO queue numbers its messages."""

    message_id: str
    sequence_number: str | None


class Received(NamedTuple):
    message: Message
    receipt_handle: str


@dataclass(frozen=True, slots=True)
class ReceiveRequest:
    """How many messages a receiver wants at most, hidden for how many seconds (None: the queue's own timeout).

    On a FIFO queue, a request with the `attempt_id` of an earlier one gets the same messages again.
    """

    limit: int = 1
    visibility_timeout: int | None = None
    attempt_id: str | None = None


class Queue:
    """One queue of one account and region; `settings` are replaced as a whole, the newest of `move_tasks` is first."""

    def __init__(self, arn: str, owner: str, settings: QueueSettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition(":")[2]
        self.owner = owner
        self.settings = settings
        self.tags: dict[str, str] = {}
        self.created_at = self.modified_at = now
        self.move_tasks: deque[MoveTask] = deque(maxlen=MOVE_TASKS_KEPT)
        self._core = core
        self._uid = core.ids.bits(64)
        self._sequence = 0
        self._deduplication: DeduplicationWindow[Sent] = DeduplicationWindow()
        self._waiting = WaitingLine[ReceiveRequest, Received](core.timers, self._hand_back)
        self._alarm: Timer | None = None
        self._purged_at: float | None = None
        self._empty()

    def _empty(self) -> None:
        self._stock = Stock(FifoOrder() if self.settings.fifo else FairOrder())
        self._received: dict[int, Message] = {}
        self._attempts: Attempts[Received] = Attempts()

    def count(self, state: State) -> int:
        """Count the messages in a state, as of the latest verb or `advance`."""
        return self._stock.count(state)

    def sequence_number(self, message: Message) -> str | None:
        """Return the 20 digits by which a FIFO queue numbers its messages, growing."""
        if not self.settings.fifo:
            return None
        return str(_SEQUENCE_NUMBER_ORIGIN + _SEQUENCE_NUMBER_STEP * message.sequence)

    def configure(self, settings: QueueSettings, now: float) -> None:
        """Replace the settings; messages here already feel a new retention and, on a FIFO queue, a new delay."""
        delay_changed = settings.delay_seconds != self.settings.delay_seconds
        self.settings = settings
        self.modified_at = now
        if settings.fifo and delay_changed:
            self._stock.delay_anew(settings.delay_seconds)
            self._set_alarm()
        self.advance(now)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._stock)

    # Sending

    def send(
        self,
        content: Content,
        now: float,
        *,
        sender_id: str,
        delay_seconds: int | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
    ) -> Sent:
        """Take a message; a FIFO queue answers a duplicate within its window as it answered the first."""
        self._check_size(content)
        self.advance(now)
        if not self.settings.fifo:
            return self._store(content, now, sender_id, delay_seconds, group_id, deduplication_id)
        deduplication_id = self._deduplication_id(content, deduplication_id, group_id)
        per_group = self.settings.deduplication_scope == "messageGroup"
        key = (group_id, deduplication_id) if per_group else deduplication_id
        earlier = self._deduplication.find(key, now)
        if earlier is not None:
            self._core.trace.record(now, "deduplicated", self.arn, earlier.message_id, deduplication_id)
            return earlier
        sent = self._store(content, now, sender_id, delay_seconds, group_id, deduplication_id)
        self._deduplication.remember(key, sent, now)
        return sent

    def _check_size(self, content: Content) -> None:
        if content.size > self.settings.maximum_message_size:
            raise InvalidParameterValueException(
                "One or more parameters are invalid. Reason: "
                f"Message must be shorter than {self.settings.maximum_message_size} bytes."
            )

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take what a topic or a rule delivers."""
        sent = self.send(
            delivery.content,
            now,
            sender_id=self.owner,
            group_id=delivery.group_id,
            deduplication_id=delivery.deduplication_id,
        )
        self._core.trace.record(now, "delivered", self.arn, delivery.subject, sent.message_id)
        return ()

    def _deduplication_id(self, content: Content, given: str | None, group_id: str | None) -> str:
        if group_id is None:
            raise MissingRequiredParameterException("The request must contain the parameter MessageGroupId.")
        if given is not None:
            return given
        if not self.settings.content_based_deduplication:
            raise InvalidParameterValueException(NO_DEDUPLICATION_ID)
        return sha256(content.body.encode("utf-8", "surrogatepass")).hexdigest()

    def _store(
        self,
        content: Content,
        now: float,
        sender_id: str,
        delay_seconds: int | None,
        group_id: str | None,
        deduplication_id: str | None,
    ) -> Sent:
        self._sequence += 1
        message = Message(
            content, self._core.ids.uuid(), self._sequence, now, sender_id, group_id, deduplication_id
        )
        self._core.trace.record(now, "sent", self.arn, message.message_id)
        delay = self.settings.delay_seconds if delay_seconds is None else delay_seconds
        self._stock.put(message, now + delay if delay else None)
        self.serve_waiters(now)
        return Sent(message.message_id, self.sequence_number(message))

    # Receiving

    def receive(self, request: ReceiveRequest, now: float) -> list[Received]:
        """Hand out up to `limit` ready messages; those received too often go to the dead-letter queue instead."""
        self.advance(now)
        received = self._repeat(request, now) or self._hand_out(request, now)
        if not received and not self.settings.fifo and not self._room:
            raise OverLimit(
                f"No more than {IN_FLIGHT_MESSAGES} messages can be in flight; "
                "delete messages after they are processed."
            )
        self._set_alarm()
        return received

    @property
    def _room(self) -> int:
        return max(0, IN_FLIGHT_MESSAGES - self._stock.count(State.IN_FLIGHT))

    def _hidden_until(self, request: ReceiveRequest, now: float) -> float:
        timeout = request.visibility_timeout
        return now + (self.settings.visibility_timeout if timeout is None else timeout)

    def _repeat(self, request: ReceiveRequest, now: float) -> list[Received]:
        """Give what an earlier attempt was given, hidden from now on; it does not count as another receive."""
        if request.attempt_id is None:
            return []
        received = self._attempts.find(request.attempt_id, now)
        for message, _ in received:
            message.received_at = now
            self._stock.hide(message, self._hidden_until(request, now))
        if received:
            self._attempts.remember(request.attempt_id, received, now)
        return received

    def _hand_out(self, request: ReceiveRequest, now: float) -> list[Received]:
        limit = min(request.limit, self._room)
        if not limit:
            return []
        hidden_until = self._hidden_until(request, now)
        dead_letters = self._dead_letter_queue()
        received: list[Received] = []
        for message in self._stock.draw():
            if dead_letters is not None and self._is_poison(message):
                self._dead_letter(message, dead_letters, now)
            else:
                received.append(self._hand_over(message, hidden_until, now))
            if len(received) == limit:
                break
        if request.attempt_id is not None and received:
            self._attempts.remember(request.attempt_id, received, now)
        return received

    def _hand_over(self, message: Message, hidden_until: float, now: float) -> Received:
        message.receive_count += 1
        message.received_at = now
        if message.first_received_at is None:
            message.first_received_at = now
        message.nonce = self._core.ids.bits(64)
        self._received[message.sequence] = message
        self._stock.hide(message, hidden_until)
        self._core.trace.record(now, "received", self.arn, message.message_id)
        return Received(message, Receipt(self._uid, message.sequence, message.nonce).handle())

    async def wait(self, request: ReceiveRequest, seconds: float, now: float) -> list[Received]:
        """Wait for up to `seconds` of the emulator's time until there is something to receive."""
        waiter = self._waiting.join(request, now + seconds)
        self._set_alarm()
        return await self._waiting.answer(waiter)

    def serve_waiters(self, now: float) -> None:
        """Give what is ready to those who wait, first come first served; whatever makes a message ready calls this."""
        if not self._waiting:
            return
        for waiter in self._waiting:
            received = self._hand_out(waiter.request, now) if self._stock.count(State.READY) else []
            if not received:
                break
            waiter.give(received)
        self._set_alarm()

    def _hand_back(self, received: list[Received]) -> None:
        """Undo a receive whose client was gone before the answer could be sent."""
        now = self._core.clock.now()
        for _, receipt_handle in received:
            message, current = self._find(receipt_handle)
            if message is None or not current or message.state is not State.IN_FLIGHT:
                continue
            message.receive_count -= 1
            if not message.receive_count:
                message.first_received_at = None
            self._core.trace.record(now, "handed back", self.arn, message.message_id, "receiver gone")
            self._stock.give_back(message)
        self.serve_waiters(now)

    # Settling

    def delete(self, receipt_handle: str, now: float) -> None:
        """Delete the message a handle names; one that is gone, or was received again since, is left alone.

        A FIFO queue refuses the handle of a message that is no longer in flight by it.
        """
        self.advance(now)
        message, current = self._find(receipt_handle)
        if message is None:
            return
        if self.settings.fifo and not (current and message.state is State.IN_FLIGHT):
            raise InvalidParameterValueException(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. "
                "Reason: The receipt handle has expired."
            )
        if current:
            self._core.trace.record(now, "deleted", self.arn, message.message_id)
            self._remove(message)
            self.serve_waiters(now)

    def change_visibility(self, receipt_handle: str, timeout: int, now: float) -> None:
        """Hide a message in flight for `timeout` seconds from now on; 0 returns it at once."""
        self.advance(now)
        message, current = self._find(receipt_handle)
        if message is None or not current:
            raise InvalidParameterValueException(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: "
                "Message does not exist or is not available for visibility timeout change."
            )
        if message.state is not State.IN_FLIGHT or message.received_at is None:
            raise MessageNotInflight
        if now + timeout > message.received_at + VISIBILITY_SECONDS:
            raise InvalidParameterValueException(
                f"Value {timeout} for parameter VisibilityTimeout is invalid. Reason: "
                f"Total VisibilityTimeout for the message is beyond the limit [{VISIBILITY_SECONDS} seconds]"
            )
        self._core.trace.record(now, "hidden", self.arn, message.message_id, f"for {timeout} s")
        if timeout:
            self._stock.hide(message, now + timeout)
            self._set_alarm()
        else:
            self._stock.give_back(message)
            self.serve_waiters(now)

    def purge(self, now: float) -> None:
        """Delete every message, those in flight and delayed included; where AWS is strict, once in 60 seconds."""
        since = None if self._purged_at is None else now - self._purged_at
        if self._core.config.strict and since is not None and since < PURGE_INTERVAL_SECONDS:
            raise PurgeQueueInProgress(
                f"Only one PurgeQueue operation on {self.name} is allowed every {PURGE_INTERVAL_SECONDS} seconds."
            )
        self._purged_at = now
        for message in islice(self, self._core.config.trace_limit):
            self._core.trace.record(now, "purged", self.arn, message.message_id)
        self._empty()
        self._set_alarm()

    def _find(self, receipt_handle: str) -> tuple[Message | None, bool]:
        """Return the message a handle names, and whether the handle is of its latest receive."""
        receipt = Receipt.parse(receipt_handle)
        if receipt is None or receipt.queue != self._uid:
            raise ReceiptHandleIsInvalid(
                f'The input receipt handle "{receipt_handle}" is not a valid receipt handle.'
            )
        message = self._received.get(receipt.sequence)
        return message, message is not None and message.nonce == receipt.nonce

    def _remove(self, message: Message) -> None:
        self._received.pop(message.sequence, None)
        self._stock.remove(message)

    # Dead letters

    def _dead_letter_queue(self) -> "Queue | None":
        policy = self.settings.redrive_policy
        target = policy and self._core.resources.get(policy.dead_letter_target)
        return target if isinstance(target, Queue) else None

    def _is_poison(self, message: Message) -> bool:
        policy = self.settings.redrive_policy
        receives = message.receive_count - message.receives_elsewhere
        return policy is not None and receives >= policy.max_receive_count

    def _dead_letter(self, drawn: Message, target: "Queue", now: float) -> None:
        why = f"received {drawn.receive_count} times, to {target.arn}"
        self._core.trace.record(now, "dead-lettered", self.arn, drawn.message_id, why)
        self._received.pop(drawn.sequence, None)
        self._stock.remove(drawn, drawn=True)
        target.adopt(drawn, self.arn, now)

    def adopt(self, message: Message, source: str, now: float) -> None:
        """Take over another queue's message with its id and its receive count.

        On a standard queue it keeps its age, on a FIFO queue its retention starts anew.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
        """
        self.advance(now)
        self._sequence += 1
        sent_at = now if self.settings.fifo else message.sent_at
        adopted = message.copy(self._sequence, sent_at)
        adopted.dead_letter_source = source
        self._stock.put(adopted)
        self.serve_waiters(now)

    def move(self, limit: int, route: Callable[[Message], "Queue"], now: float) -> int:
        """Send up to `limit` ready messages anew to the queues that `route` names, and return how many there were.

        An EngineError, of `route` or of the queue it names, leaves the message here and is raised.
        """
        self.advance(now)
        moved = 0
        for message in islice(self._stock.draw(), limit):
            try:
                target = route(message)
                target.readmit(message, self.arn, now)
            except EngineError:
                self._stock.hide(message, now)
                self._stock.give_back(message)
                raise
            self._received.pop(message.sequence, None)
            self._stock.remove(message, drawn=True)
            moved += 1
        return moved

    def readmit(self, message: Message, source: str, now: float) -> None:
        """Take a message moved out of a dead-letter queue as a new one: new id, new age, no receives, no duplicate.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
        """
        self._check_size(message.content)
        self.advance(now)
        why = f"from {source} to {self.arn}"
        self._core.trace.record(now, "moved", source, message.message_id, why)
        self._store(
            message.content, now, message.sender_id, None, message.group_id, message.deduplication_id
        )

    # Time

    def advance(self, now: float) -> None:
        """Move what is due at `now`: delays and visibility timeouts that are over, messages past their retention."""
        for message in self._stock.turn_ready(now):
            self._core.trace.record(now, "returned", self.arn, message.message_id, "visibility timeout over")
        for message in self._stock.expire(now - self.settings.message_retention_period):
            self._received.pop(message.sequence, None)
            self._core.trace.record(now, "expired", self.arn, message.message_id, "retention period over")
        if self._waiting:
            self.serve_waiters(now)

    def _set_alarm(self) -> None:
        """While somebody waits, have one timer at the next instant at which a message becomes ready."""
        if not self._waiting and self._alarm is None:
            return
        due_at = self._stock.next_ready_at if self._waiting else None
        if self._alarm is not None:
            if self._alarm.at == due_at:
                return
            self._core.timers.cancel(self._alarm)
            self._alarm = None
        if due_at is not None:
            self._alarm = self._core.timers.call_at(due_at, self._ring)

    def _ring(self, now: float) -> None:
        self._alarm = None
        self.advance(now)

    def close(self) -> None:
        """Answer everybody who waits here with nothing."""
        self._waiting.release()
