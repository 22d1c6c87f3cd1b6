"""Text messages: the sandbox's effect, and how often a number can be opted in."""

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterException
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication

DAY = 86_400.0


@pytest.fixture
def sandboxed() -> Engine:
    return Engine(Config(seed=1, sms_sandbox=True))


def test_in_the_sandbox_texts_go_to_verified_numbers_only(sandboxed: Engine) -> None:
    sms = sandboxed.scope("000000000000", "us-east-1").sns.sms
    for number in ("+15550100001", "+15550100002"):
        sms.add_to_sandbox(number, 0.0)
    sms.verify("+15550100001", sms.sandbox["+15550100001"].one_time_password)
    sandboxed.outbox.clear()

    for number in ("+15550100001", "+15550100002", "+15550100003"):
        sms.publish(number, Publication("hello"), 1.0)

    assert [text.target for text in sandboxed.outbox] == ["+15550100001"]


def test_a_pending_number_receives_a_new_password_and_a_verified_one_none(sandboxed: Engine) -> None:
    sms = sandboxed.scope("000000000000", "us-east-1").sns.sms
    sms.add_to_sandbox("+15550100001", 0.0)
    first = sms.sandbox["+15550100001"].one_time_password
    sms.add_to_sandbox("+15550100001", 0.0)
    second = sms.sandbox["+15550100001"].one_time_password
    sms.verify("+15550100001", second)
    sms.add_to_sandbox("+15550100001", 0.0)

    assert [text.details["one_time_password"] for text in sandboxed.outbox] == [first, second]
    assert first != second
    assert sms.sandbox["+15550100001"].verified


def test_a_number_can_be_opted_in_once_every_30_days(scope: Scope) -> None:
    sms = scope.sns.sms
    sms.opt_out("+15550100001")
    sms.opt_in("+15550100001", 0.0)
    sms.opt_out("+15550100001")

    with pytest.raises(InvalidParameterException):
        sms.opt_in("+15550100001", 30 * DAY - 1)
    sms.opt_in("+15550100001", 30 * DAY)

    assert not sms.opted_out


def test_accounts_and_regions_have_numbers_of_their_own(engine: Engine, scope: Scope) -> None:
    scope.sns.sms.opt_out("+15550100001")

    assert not engine.scope("000000000000", "eu-west-1").sns.sms.opted_out
