"""How the requests of a webhook's provider prove that they are its own: by a token, a password or a signature."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

BODY: Final = "BODY"
TIMESTAMP_DOT_BODY: Final = "TIMESTAMP_DOT_BODY"
MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY: Final = "MESSAGE_ID_DOT_TIMESTAMP_DOT_BODY"

Headers = Mapping[str, str]
"""By their names in lower case."""


class StaticToken(Struct, frozen=True):
    """The whole value of a header is the secret."""

    header: str

    def admits(self, headers: Headers, _body: bytes, secrets: Sequence[str], _now: float) -> bool:
        return _is_one_of(headers.get(self.header.lower(), ""), secrets)


class BasicHttp(Struct, frozen=True):
    """https://www.rfc-editor.org/rfc/rfc7617"""

    username: str

    def admits(self, headers: Headers, _body: bytes, secrets: Sequence[str], _now: float) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = [b64encode(f"{self.username}:{secret}".encode()).decode("ascii") for secret in secrets]
        return scheme.lower() == "basic" and _is_one_of(given.strip(), wanted)


class Hmac(Struct, frozen=True):
    """One of the signatures in a header is that of the message, whose instant lies within the tolerance."""

    algorithm: str
    encoding: str
    signature_header: str
    composition: str
    signature_prefix: str = ""
    delimiter: str | None = None
    timestamp_header: str | None = None
    timestamp_prefix: str = ""
    tolerance_seconds: int = 300
    message_id_header: str | None = None
    key_encoding: str = "RAW"

    def admits(self, headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> bool:
        parts = self._parts(headers.get(self.signature_header.lower(), ""))
        prefix = self.signature_prefix
        signatures = [part[len(prefix) :] for part in parts if part.startswith(prefix)]
        message = self._message(headers, parts, body, now)
        if message is None:
            return False
        wanted = [self._signature(key_of(secret, self.key_encoding), message) for secret in secrets]
        return any(_is_one_of(signature, wanted) for signature in signatures)

    def _parts(self, text: str) -> list[str]:
        return [text] if self.delimiter is None else [part.strip() for part in text.split(self.delimiter)]

    def _message(self, headers: Headers, parts: Sequence[str], body: bytes, now: float) -> bytes | None:
        """Return what is signed; None where a part of it is missing, or its time is over."""
        if self.composition == BODY:
            return body
        timestamp = self._timestamp(headers, parts)
        if timestamp is None or not timestamp.isdigit() or abs(int(timestamp) - now) > self.tolerance_seconds:
            return None
        if self.composition == TIMESTAMP_DOT_BODY:
            return timestamp.encode() + b"." + body
        message_id = headers.get((self.message_id_header or "").lower(), "")
        if not message_id or "." in message_id:
            return None
        return f"{message_id}.{timestamp}.".encode() + body

    def _timestamp(self, headers: Headers, parts: Sequence[str]) -> str | None:
        header, prefix = (self.timestamp_header or "").lower(), self.timestamp_prefix
        texts = parts if header == self.signature_header.lower() else [headers.get(header, "")]
        found = next((text for text in texts if text.startswith(prefix)), None)
        return None if found is None else found[len(prefix) :][:20]

    def _signature(self, key: bytes, message: bytes) -> str:
        digest = hmac.digest(key, message, self.algorithm.lower())
        return digest.hex() if self.encoding == "HEX" else b64encode(digest).decode("ascii")


Auth = StaticToken | BasicHttp | Hmac


def key_of(secret: str, encoding: str) -> bytes:
    """Return the bytes that a secret stands for. Raise ValueError for what is no base64."""
    if encoding == "RAW":
        return secret.encode()
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except NoBase64 as error:
        raise ValueError("the secret is not in base64") from error


def _is_one_of(given: str, wanted: Sequence[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in wanted)
