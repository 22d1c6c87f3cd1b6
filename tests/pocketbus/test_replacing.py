"""mock_aws and the mix-in: an emulator in the place of AWS."""

import os
from unittest import TestCase

import boto3
import pytest

from pocketbus import Emulator, EmulatorMixin, mock_aws


def queues() -> list[str]:
    names: list[str] = boto3.client("sqs").list_queues().get("QueueUrls", [])
    return [name.rpartition("/")[2] for name in names]


@mock_aws
def test_a_decorated_test_reaches_the_emulator_in_motos_account() -> None:
    boto3.client("sqs").create_queue(QueueName="orders")

    assert queues() == ["orders"]
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


@mock_aws(account="210987654321")
async def test_a_decorated_coroutine_does_too_and_settings_are_the_emulators() -> None:
    assert boto3.client("sts").get_caller_identity()["Account"] == "210987654321"
    assert queues() == []


@pytest.mark.parametrize("time", [1, 2])
@mock_aws
def test_fixtures_and_parameters_come_through_and_nothing_is_left(time: int, tmp_path: object) -> None:
    assert queues() == []
    boto3.client("sqs").create_queue(QueueName=f"orders-{time}")


def test_a_block_has_the_emulator_and_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)

    with mock_aws() as emulator:
        boto3.client("sqs").create_queue(QueueName="orders")
        assert [one.name for one in emulator.look("queues")] == ["orders"]

    assert dict(os.environ) == before


def test_one_within_another_shares_its_emulator() -> None:
    with mock_aws() as outer:
        boto3.client("sqs").create_queue(QueueName="orders")
        with mock_aws() as inner:
            assert inner is outer
            assert queues() == ["orders"]
        assert queues() == ["orders"]


def test_it_can_be_started_and_stopped() -> None:
    mock = mock_aws()
    emulator = mock.start()
    try:
        assert isinstance(emulator, Emulator)
        assert queues() == []
    finally:
        mock.stop()
    assert "AWS_ENDPOINT_URL" not in os.environ


@mock_aws
class TestAClassOfTests:
    def setup_method(self) -> None:
        boto3.client("sqs").create_queue(QueueName="made-before-each")

    def test_one(self) -> None:
        boto3.client("sqs").create_queue(QueueName="one")
        assert queues() == ["made-before-each", "one"]

    def test_another_has_an_emulator_of_its_own(self) -> None:
        assert queues() == ["made-before-each"]


@mock_aws
class TestACaseOfUnittest(TestCase):
    def setUp(self) -> None:
        boto3.client("sqs").create_queue(QueueName="made-before-each")

    def test_one(self) -> None:
        boto3.client("sqs").create_queue(QueueName="one")
        assert queues() == ["made-before-each", "one"]

    def test_another_has_an_emulator_of_its_own(self) -> None:
        assert queues() == ["made-before-each"]


class TestTheMixin(EmulatorMixin):
    def setUp(self) -> None:
        boto3.client("sqs").create_queue(QueueName="orders")

    def test_its_emulator_is_at_hand(self) -> None:
        assert [one.name for one in self.emulator.look("queues")] == ["orders"]
        self.emulator.freeze()

    def test_it_has_one_of_its_own(self) -> None:
        assert not self.emulator.call(lambda engine: engine.clock.frozen)
