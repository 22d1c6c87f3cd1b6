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
    """Tells everybody who watches; false as long as that is nobody."""

    def __init__(self) -> None:
        self._watching: list[Changed] = []

    def __bool__(self) -> bool:
        return bool(self._watching)

    def begin(self) -> Changed:
        """Watch from now on; at first all is new."""
        changed = Changed()
        self._watching.append(changed)
        return changed

    def end(self, changed: Changed) -> None:
        self._watching.remove(changed)

    def add(self, message: Message) -> None:
        for changed in self._watching:
            changed.add(message)

    def clear(self) -> None:
        """Tell that all messages went at once."""
        for changed in self._watching:
            changed.clear()
