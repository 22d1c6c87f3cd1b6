"""How much one connection may hold, and for how long. docs/HTTP.md tells what happens beyond."""

from msgspec import Struct

from pocketbus.apis.endpoint import MAX_BODY

HOLD_LITTLE = "pocketbus.hold little"
"""Where in a scope's state the server puts the function that lets the system keep little of what is unsent."""


class Limits(Struct, frozen=True):
    """Sizes are in bytes."""

    url: int = 64 * 1024
    head: int = 64 * 1024
    """Names and values of all headers, trailers included."""
    headers: int = 100
    body: int = MAX_BODY
    """A longer body is not gathered, but handed to the application as it arrives."""
    unread: int = 256 * 1024
    """What may have arrived of such a body that the application has not asked for."""
    waiting: int = 100
    """Requests behind one that is not answered yet; their bytes are bounded by `held`."""

    request_seconds: float = 60.0
    """From a request's first byte to its last."""
    idle_seconds: float = 120.0
    """Longer than the SDKs keep an idle connection (60 s in Java, 90 s in Go): the client closes first, and never
    sends a request into a connection that the server is just closing."""
    unsent: int = 64 * 1024
    """What the system is asked to keep for a client of a stream: one who reads nothing soon costs nothing."""
    unsent_seconds: float = 60.0
    """While the client takes nothing of what is ready to be sent."""
    linger_seconds: float = 2.0
    """After a refusal: what the client still sends is thrown away, so that it comes to read the answer."""
    look_seconds: float = 1.0
    """Between two looks at the times above."""

    @property
    def held(self) -> int:
        """Any one request is no larger."""
        return self.url + self.head + self.body
