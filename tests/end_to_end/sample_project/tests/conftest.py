"""The shop in a fresh account for each test, at noon of a new year; its own clients find it by the environment."""

import os
from typing import Any

import pytest
from shop.billing import Billing, NaiveBilling
from shop.infrastructure import set_up


@pytest.fixture(autouse=True)
def shop(pocketbus_environment: dict[str, str], pocketbus_clock: Any) -> None:
    """Set up the queues and rules where the fixture of pocketbus leads the shop's clients."""
    assert pocketbus_environment
    pocketbus_clock.set("2027-01-01T11:59:00Z")
    set_up()


@pytest.fixture
def billing() -> NaiveBilling:
    return NaiveBilling() if os.environ.get("BILLING") == "naive" else Billing()
