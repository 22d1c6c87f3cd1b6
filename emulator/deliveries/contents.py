"""How much the contents take that deliveries on their way hold: one that many of them hold counts once."""

from pocketbus.emulator.message import Content


class Contents:
    """The contents that are held, by identity, each with how many hold it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._held: dict[int, int] = {}

    def take(self, content: Content) -> None:
        """Count a content that one more delivery holds."""
        key = _identity(content)
        count = self._held.get(key, 0)
        self._held[key] = count + 1
        self.bytes += 0 if count else content.size

    def let_go(self, content: Content) -> None:
        key = _identity(content)
        count = self._held.pop(key) - 1
        if count:
            self._held[key] = count
        else:
            self.bytes -= content.size


def _identity(content: Content) -> int:
    """Tell contents apart by what holds their text: the envelopes of one publication share it."""
    return id(getattr(content, "publication", content))
