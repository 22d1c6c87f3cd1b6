"""What takes days and months, in milliseconds."""

from collections.abc import Callable
from typing import Any

from shop import orders

Expect = Callable[..., Any]
DAY = 24 * 60 * 60


def test_an_audit_is_kept_for_fourteen_days(
    pocketbus_clock: Any, expect_message: Expect, expect_no_message: Expect
) -> None:
    orders.place("7", 12.5)
    pocketbus_clock.advance(14 * DAY - 1)
    expect_message("audit")

    pocketbus_clock.advance(1)
    expect_no_message("audit")


def test_statements_are_written_on_the_first_of_every_month(
    pocketbus_clock: Any, expect_message: Expect
) -> None:
    pocketbus_clock.advance("P91D")  # to the second of April

    assert [record.at for record in pocketbus_clock.trace(verb="fired")] == [
        1798804800.0,  # 2027-01-01T12:00:00Z
        1801483200.0,  # 2027-02-01T12:00:00Z
        1803902400.0,  # 2027-03-01T12:00:00Z
        1806580800.0,  # 2027-04-01T12:00:00Z
    ]
    assert '"time":"2027-04-01T12:00:00Z"' in expect_message("statements")["body"]
