"""Email: sent to the configured SMTP server, else to the outbox."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetRefused, TargetUnreachable, TransientFailure
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.outbox import Captured

if TYPE_CHECKING:
    from email.message import EmailMessage

_SECONDS = 30
_CONCURRENT_MAILS = 4
"""Fewer than there are threads, of which everybody else who looks a name up needs one."""
_WHY = "No SMTP server is configured."


class MailDelivery(Delivery, kw_only=True, eq=False):
    """A mail to send under a title; the target is the recipient."""

    title: str
    protocol: str = "email"


class Mail(Gateway):
    """The way to all mail boxes: `server` is a host and port, None where there is no server."""

    serves = ("email", "email-json")

    def __init__(self, core: Core, courier: Courier, server: str | None, sender: str) -> None:
        self._core = core
        self._courier = courier
        self._server = server
        self._sender = sender
        self._slots = asyncio.Semaphore(_CONCURRENT_MAILS)

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...] | None:
        """Give the delivery to the courier, or to the outbox if there is no server."""
        if self._server is not None:
            self._courier.send(delivery, self._send, now)
            return None
        details = {"subject": _title(delivery), "from": self._sender}
        self._core.trace.record(now, "captured", delivery.target, delivery.subject, _WHY)
        self._core.outbox.capture(
            Captured(now, "email", delivery.source, delivery.target, delivery.content.body, details, _WHY)
        )
        return ()

    async def _send(self, delivery: Delivery) -> str:
        from email.message import EmailMessage  # noqa: PLC0415 - loaded by those who send mail
        from email.utils import format_datetime  # noqa: PLC0415

        message = EmailMessage()
        message["From"] = f"AWS Notifications <{self._sender}>"
        message["To"] = delivery.target
        message["Subject"] = _title(delivery)
        message["Date"] = format_datetime(datetime.fromtimestamp(self._core.clock.now(), UTC))
        message["Message-ID"] = f"<{delivery.subject}@{self._sender.rpartition('@')[2]}>"
        message.set_content(delivery.content.body)
        host, _, port = (self._server or "").rpartition(":")
        said: str = await self._core.door.outside(self._hand_over(host, int(port), message))
        return said

    async def _hand_over(self, host: str, port: int, message: "EmailMessage") -> str:
        async with self._slots:
            return await asyncio.to_thread(_hand_over, host, port, message)


def _title(delivery: Delivery) -> str:
    return delivery.title if isinstance(delivery, MailDelivery) else ""


def _hand_over(host: str, port: int, message: "EmailMessage") -> str:
    import smtplib  # noqa: PLC0415 - loaded by those who send mail

    try:
        with smtplib.SMTP(host, port, timeout=_SECONDS) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refusal(code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except OSError as error:
        raise TargetUnreachable(f"no connection to {host}:{port}: {error}") from error
    return "sent"


def _refusal(code: int, text: bytes | str) -> TransientFailure | TargetRefused:
    """Return the failure that an SMTP code stands for: those of 400 to 499 may pass."""
    shown = f"SMTP {code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return TransientFailure(shown) if 400 <= code < 500 else TargetRefused(shown)
