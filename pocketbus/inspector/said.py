"""What actions had to say, told on the view that they lead to. The address has only a number: nobody else's words."""

from collections import OrderedDict
from typing import NamedTuple

_KEPT = 100


class Words(NamedTuple):
    text: str
    is_mistake: bool


class Said:
    """Keeps the latest few, by number."""

    def __init__(self) -> None:
        self._words: OrderedDict[str, Words] = OrderedDict()
        self._count = 0

    def keep(self, text: str, *, is_mistake: bool) -> str:
        self._count += 1
        self._words[str(self._count)] = Words(text, is_mistake)
        if len(self._words) > _KEPT:
            self._words.popitem(last=False)
        return str(self._count)

    def find(self, number: str) -> Words | None:
        return self._words.get(number)
