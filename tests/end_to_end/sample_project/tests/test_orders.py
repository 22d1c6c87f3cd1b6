"""Where an order goes."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from shop import orders

Expect = Callable[..., Any]


def test_an_order_is_to_be_billed(expect_message: Expect) -> None:
    orders.place("7", 12.5)

    message = expect_message("billing", matching="from_json(body).detail.order == '7'")
    assert message["state"] == "ready"


def test_only_a_large_order_is_of_high_value(expect_message: Expect, expect_no_message: Expect) -> None:
    orders.place("7", 12.5)
    expect_no_message("high-value")

    orders.place("8", 2400)
    assert '"order":"8"' in expect_message("high-value")["body"]


def test_an_order_that_the_bus_refuses_is_not_taken(pocketbus: Any, expect_no_message: Expect) -> None:
    pocketbus.fault("partial", operation="PutEvents", code="ThrottlingException", message="Rate exceeded")

    with pytest.raises(RuntimeError, match="Order 7 was not taken: Rate exceeded"):
        orders.place("7", 12.5)
    expect_no_message("billing")


def test_a_bus_that_throttles_once_takes_the_order_all_the_same(
    pocketbus: Any, expect_message: Expect
) -> None:
    pocketbus.fault("throttle", operation="PutEvents", count=1)

    orders.place("7", 12.5)
    expect_message("billing")


def test_a_bus_that_is_down_is_an_error_of_its_client(pocketbus: Any) -> None:
    pocketbus.fault("error", code="InternalException", status=500, operation="PutEvents")

    with pytest.raises(ClientError, match="InternalException"):
        orders.place("7", 12.5)
