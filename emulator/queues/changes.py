"""Which messages of a queue have changed, for those who watch it: they need not look at all of them again."""

from pocketbus.emulator.message import Message


class Changed:
    """What has changed since somebody took it last; `all_anew` says that whatever there was is gone."""

    def __init__(self) -> None:
        self._messages: dict[Message, None] = {}
        self.all_anew = True

    def add(self, message: Message) -> None:
        self._messages[message] = None

    def clear(self) -> None:
        self._messages = {}
        self.all_anew = True

    def take(self) -> list[Message]:
        """Return the messages that have changed, in order of their first change, and begin anew."""
        messages, self._messages = self._messages, {}
        self.all_anew = False
        return list(messages)

    def __len__(self) -> int:
        return len(self._messages)


class Changes:
    """Tells everybody who watches: `watched_by`, which is empty nearly always."""

    def __init__(self) -> None:
        self.watched_by: list[Changed] = []

    def begin(self) -> Changed:
        """Watch from now on; at first all is new."""
        changed = Changed()
        self.watched_by.append(changed)
        return changed

    def end(self, changed: Changed) -> None:
        self.watched_by.remove(changed)

    def add(self, message: Message) -> None:
        for changed in self.watched_by:
            changed.add(message)

    def clear(self) -> None:
        """Tell that all messages went at once."""
        for changed in self.watched_by:
            changed.clear()
