"""Text messages of one account in one region: its settings, the sandbox, who opted out, and what was sent."""

import re
from typing import Any

from msgspec import Struct

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.errors import (
    InvalidParameterException,
    OptedOutException,
    ResourceNotFoundException,
    UserErrorException,
    VerificationException,
)
from pocketbus.emulator.limits import OPT_IN_INTERVAL_SECONDS, SANDBOX_NUMBERS, SMS_CHARACTERS
from pocketbus.emulator.message import Attributes, Text, plain_attributes
from pocketbus.emulator.topics.publication import Publication

_PHONE_NUMBER = re.compile(r"\+?[1-9][0-9]{1,14}", re.ASCII)
_SETTINGS_PREFIX = "AWS.SNS.SMS."
_WHY = "Text messages are not sent."


def is_phone_number(text: str) -> bool:
    """Tell whether a text is a number in the E.164 format; the plus sign may lack.

    >>> is_phone_number("+15551234567"), is_phone_number("+1-555")
    (True, False)
    """
    return _PHONE_NUMBER.fullmatch(text) is not None


class SandboxNumber(Struct):
    """A destination that an account in the sandbox may or, once verified, can send to."""

    phone_number: str
    one_time_password: str
    verified: bool = False


class TextMessages:
    """The settings under AWS's names, and all there is to know of phone numbers; texts end in the outbox."""

    def __init__(self, account: str, region: str, core: Core) -> None:
        self.account = account
        self.region = region
        self.settings: dict[str, str] = {}
        self.sandbox: dict[str, SandboxNumber] = {}
        self.opted_out: Catalogue[str] = Catalogue()
        """The numbers that opted out, by themselves."""
        self._opted_in_at: dict[str, float] = {}
        self._core = core

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"opted_out": set(self.opted_out)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.opted_out = Catalogue({number: number for number in state["opted_out"]})

    @property
    def untouched(self) -> bool:
        """Tell whether nothing was ever set here."""
        return not (self.settings or self.sandbox or self.opted_out or self._opted_in_at)

    def publish(self, phone_number: str, publication: Publication, now: float) -> str:
        """Take a message that goes to this number alone; return its id."""
        text = publication.message_for("sms")
        if len(text) > SMS_CHARACTERS:
            raise InvalidParameterException("Invalid parameter: Message too long")
        message_id = self._core.ids.uuid()
        self.accept(Delivery("", phone_number, Text(text, publication.attributes), message_id), now)
        return message_id

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...]:
        """Send a text as far as it goes; its source is the subscription it comes from, empty for a direct one."""
        phone_number, attributes = delivery.target, delivery.content.attributes
        why = self._objection(phone_number)
        if why is not None:
            self._core.trace.record(now, "undeliverable", phone_number, delivery.subject, why)
            return ()
        details = {
            "account": self.account,
            "region": self.region,
            "message_id": delivery.subject,
            "attributes": plain_attributes(attributes),
            "sender_id": self._setting("SenderID", attributes),
            "sms_type": self._setting("SMSType", attributes) or "Promotional",
        }
        self._core.trace.record(now, "captured", phone_number, delivery.subject, _WHY)
        self._core.outbox.capture(
            Captured(now, "sms", delivery.source, phone_number, delivery.content.body, details, _WHY)
        )
        return ()

    def _setting(self, name: str, attributes: Attributes) -> str | None:
        """Return what the message says, else the account's default."""
        attribute = attributes.get(_SETTINGS_PREFIX + name)
        if attribute is not None and isinstance(attribute.value, str):
            return attribute.value
        return self.settings.get(f"Default{name}")

    def _objection(self, phone_number: str) -> str | None:
        if phone_number in self.opted_out:
            return "Phone number is opted out"
        if not self._core.config.sms_sandbox:
            return None
        number = self.sandbox.get(phone_number)
        verified = number is not None and number.verified
        return None if verified else "The account is in the SMS sandbox and the phone number is not verified"

    # Opting out

    def opt_out(self, phone_number: str) -> None:
        """Do what the owner of a phone does by answering STOP."""
        self.opted_out[phone_number] = phone_number

    def opt_in(self, phone_number: str, now: float) -> None:
        """Let a number that opted out receive texts again, once in 30 days."""
        if phone_number not in self.opted_out:
            return
        before = self._opted_in_at.get(phone_number)
        if before is not None and 0 <= now - before < OPT_IN_INTERVAL_SECONDS:
            raise InvalidParameterException(
                "Invalid parameter: PhoneNumber Reason: a phone number can be opted in only once every 30 days"
            )
        del self.opted_out[phone_number]
        self._opted_in_at[phone_number] = now

    # The sandbox

    def add_to_sandbox(self, phone_number: str, now: float) -> None:
        """Send a number, new or not verified yet, a new one-time password."""
        if phone_number in self.opted_out:
            raise OptedOutException
        number = self.sandbox.get(phone_number)
        if number is None and len(self.sandbox) >= SANDBOX_NUMBERS:
            raise UserErrorException(f"The SMS sandbox takes at most {SANDBOX_NUMBERS} phone numbers")
        if number is None or not number.verified:
            password = f"{self._core.ids.bits(32) % 1_000_000:06}"
            self.sandbox[phone_number] = SandboxNumber(phone_number, password)
            self._capture_password(phone_number, password, now)

    def _capture_password(self, phone_number: str, password: str, now: float) -> None:
        details = {"account": self.account, "region": self.region, "one_time_password": password}
        text = f"Your one-time password is {password}."
        self._core.outbox.capture(Captured(now, "sms", "", phone_number, text, details, _WHY))
        self._core.trace.record(now, "captured", phone_number, "", _WHY)

    def verify(self, phone_number: str, password: str) -> None:
        number = self._in_sandbox(phone_number)
        if password != number.one_time_password:
            raise VerificationException
        number.verified = True

    def remove_from_sandbox(self, phone_number: str) -> None:
        del self.sandbox[self._in_sandbox(phone_number).phone_number]

    def _in_sandbox(self, phone_number: str) -> SandboxNumber:
        number = self.sandbox.get(phone_number)
        if number is None:
            raise ResourceNotFoundException("Phone number is not in the SMS sandbox")
        return number
