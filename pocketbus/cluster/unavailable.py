"""The error that clients repeat their requests at, as every SDK of AWS does by itself."""

from typing import Final

from starlette.types import Scope

from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import ServiceUnavailable
from pocketbus.apis.dispatch import PLAIN_JSON, PLAIN_XML
from pocketbus.emulator.ids import token

_TARGET: Final = b"x-amz-target"


def unavailable(scope: Scope, message: str | None = None) -> Answer:
    """Return the answer to a request that cannot be carried out now, in its protocol."""
    codec = PLAIN_JSON if any(name == _TARGET for name, _ in scope["headers"]) else PLAIN_XML
    return codec.error(ServiceUnavailable(message), token())
