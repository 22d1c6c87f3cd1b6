"""What is charged, whatever the network does."""

from typing import Any

import pytest
from shop import orders
from shop.billing import NaiveBilling


def test_an_order_is_charged(billing: NaiveBilling) -> None:
    orders.place("7", 12.5)
    billing.work()

    assert billing.charges == [("7", 12.5)]


def test_nobody_is_charged_twice_where_messages_come_at_least_once(
    pocketbus: Any, billing: NaiveBilling
) -> None:
    pocketbus.preset("at-least-once")
    orders.place("7", 12.5)
    orders.place("8", 2400)
    billing.work()

    assert sorted(billing.charges) == [("7", 12.5), ("8", 2400)]


def test_an_order_that_cannot_be_charged_ends_in_the_dead_letter_queue(
    pocketbus: Any, pocketbus_clock: Any, expect_message: Any, billing: NaiveBilling
) -> None:
    orders.place("7", -1)
    for _ in range(3):
        with pytest.raises(ValueError, match="Order 7 cannot be charged"):
            billing.work()
        pocketbus_clock.advance(30)
    billing.work()

    message = expect_message("billing-dead")
    assert pocketbus.trace(message["message_id"], verb="dead-lettered")[0].why.startswith("received 3 times")


def test_a_consumer_that_crashes_leaves_its_order_to_the_next(pocketbus: Any, billing: NaiveBilling) -> None:
    orders.place("7", 12.5)
    sqs = pocketbus.client("sqs")
    sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="billing")["QueueUrl"])

    assert pocketbus.crash("billing") == 1
    billing.work()
    assert billing.charges == [("7", 12.5)]
