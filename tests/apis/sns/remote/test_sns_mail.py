"""Mail: to a real SMTP server with confirmation first, else to the outbox."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from pocketbus import Emulator
from scripts.ports import free_port


class MailCatcher:
    """Takes every mail, or refuses each with the next of `refusals`."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusals: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusals:
            return self.refusals.pop(0)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"

    def texts(self) -> list[str]:
        return [mail.get_payload(decode=True).decode().replace("\r\n", "\n") for mail in self.mails]  # type: ignore[union-attr]


@pytest.fixture
def catcher() -> MailCatcher:
    return MailCatcher()


@pytest.fixture
def emulator(catcher: MailCatcher) -> Iterator[Emulator]:
    controller = Controller(catcher, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with Emulator(seed=1, smtp=f"127.0.0.1:{controller.port}") as emulator:
            emulator.freeze()
            emulator.set(1_700_000_000)
            yield emulator
    finally:
        controller.stop()


def subscribe(emulator: Emulator, sns: Any, topic_arn: str, protocol: str = "email") -> str:
    """Subscribe a mail box and wait for the mail that asks it to confirm."""
    arn: str = sns.subscribe(
        TopicArn=topic_arn, Protocol=protocol, Endpoint="ann@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    emulator.advance(0)
    return arn


def test_a_mail_asks_to_confirm_then_mails_carry_the_messages(
    emulator: Emulator, sns: Any, topic_arn: str, catcher: MailCatcher
) -> None:
    arn = subscribe(emulator, sns, topic_arn)
    (token,) = re.findall(r"Token=([0-9a-f]+)", catcher.texts()[0])
    sns.confirm_subscription(TopicArn=topic_arn, Token=token)

    sns.publish(TopicArn=topic_arn, Message="hellö", Subject="News")
    emulator.advance(0)

    asked, mail = catcher.mails
    assert asked["Subject"] == "AWS Notification - Subscription Confirmation"
    assert (mail["Subject"], mail["To"], mail["From"]) == (
        "News",
        "ann@example.com",
        "AWS Notifications <no-reply@sns.amazonaws.com>",
    )
    assert catcher.texts()[1].startswith("hellö\n\n--\n")
    assert f"Action=Unsubscribe&SubscriptionArn={arn}" in catcher.texts()[1]


def test_json_mail_carries_the_envelope(
    emulator: Emulator, sns: Any, topic_arn: str, catcher: MailCatcher
) -> None:
    subscribe(emulator, sns, topic_arn, "email-json")
    token = json.loads(catcher.texts()[0])["Token"]
    sns.confirm_subscription(TopicArn=topic_arn, Token=token)

    sns.publish(TopicArn=topic_arn, Message="hello")
    emulator.advance(0)

    assert json.loads(catcher.texts()[1])["Message"] == "hello"
    assert catcher.mails[1]["Subject"] == "AWS Notification Message"


def test_a_server_that_is_busy_is_tried_again(
    emulator: Emulator, sns: Any, topic_arn: str, catcher: MailCatcher
) -> None:
    catcher.refusals = ["451 busy", "451 busy"]
    subscribe(emulator, sns, topic_arn)
    assert catcher.mails == []

    emulator.advance(20)

    assert len(catcher.mails) == 1


def test_a_mail_that_is_refused_is_not_tried_again(
    emulator: Emulator, sns: Any, topic_arn: str, catcher: MailCatcher
) -> None:
    catcher.refusals = ["554 no such mailbox"]
    subscribe(emulator, sns, topic_arn)

    emulator.advance(3600)

    assert catcher.mails == []
    attempted = emulator.call(lambda engine: [r.why for r in engine.trace if r.verb == "attempted"])
    assert attempted == ["attempt 1: SMTP 554 no such mailbox"]
