"""Where full chunks of logs are kept outside of memory: all that a log has to know of it."""

from hashlib import sha256
from typing import Protocol


class UnreadableError(Exception):
    """A chunk cannot be read; the text names what is missing or damaged and says what to do."""


class Store(Protocol):
    """Keeps contents by names; the same content has the same name."""

    def put(self, content: bytes) -> str:
        """Keep a content and return its name. Raise OSError."""
        ...

    def get(self, name: str) -> bytes:
        """Return what is kept by a name; may be called from another thread. Raise UnreadableError."""
        ...

    def bring(self, name: str) -> None:
        """Have it where `get` takes no time to speak of; may be called from another thread. Raise UnreadableError."""
        ...


class MemoryStore:
    """Keeps them in memory, where nobody wants them elsewhere and a log has to be cut as if somebody did."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        name = name_of(content)
        self._contents[name] = content
        return name

    def get(self, name: str) -> bytes:
        content = self._contents.get(name)
        if content is None:
            raise UnreadableError(f"There is no chunk {name}.")
        return content

    def bring(self, name: str) -> None:
        self.get(name)


def name_of(content: bytes) -> str:
    """Return the name of a content, which is its SHA-256."""
    return sha256(content).hexdigest()
