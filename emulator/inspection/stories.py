"""The trace's index: its records by the message or event they are about, made when somebody asks."""

from collections.abc import Iterable, Iterator
from heapq import merge

from pocketbus.emulator.inspection.steps import Step
from pocketbus.emulator.releases import Container

_SLACK = 1024


class Stories:
    """Records by subject, and the record in which each subject came from another.

    Records that the trace has let go stay until they outnumber the others: amortised O(1) for each.
    """

    def __init__(self) -> None:
        self.last = 0
        self._first = 0
        self._held = 0
        self._by_subject: dict[str, list[Step]] = {}
        self._origins: dict[str, Step] = {}

    def clear(self) -> None:
        self._held = 0
        self._by_subject.clear()
        self._origins.clear()

    def containers(self) -> Iterator[Container]:
        """Yield what holds the records."""
        yield from (self._by_subject, self._origins)

    def update(self, steps: Iterable[Step], first: int, last: int) -> None:
        """Take what is new, up to the number `last`; what is older than the number `first` is gone."""
        self._first, self.last = first, last
        self._add(steps)
        if self._held > 2 * (last - first + 1) + _SLACK:
            kept = [step for line in self._by_subject.values() for step in line if step[0] >= first]
            self.clear()
            self._add(sorted(kept))

    def of(self, subject: str) -> list[Step]:
        return [step for step in self._by_subject.get(subject, ()) if step[0] >= self._first]

    def whole(self, subject: str) -> list[Step]:
        """Return the records of a subject, of all it became, and of those it came from as far as they led to it."""
        lines = [self.of(one) for one in self.descendants(subject)]
        return list(merge(*lines, *self._leading_to(subject)))

    def descendants(self, subject: str) -> Iterable[str]:
        """Return the subject and all that it became."""
        found = {subject: None}
        pending = [subject]
        while pending:
            for *_, became in self.of(pending.pop()):
                if became and became not in found:
                    found[became] = None
                    pending.append(became)
        return found

    def _leading_to(self, subject: str) -> Iterator[list[Step]]:
        passed = {subject}
        while (origin := self._origins.get(subject)) is not None and (source := origin[4]) not in passed:
            yield [step for step in self.of(source) if step[6] in ("", subject)]
            subject = source
            passed.add(subject)

    def _add(self, steps: Iterable[Step]) -> None:
        by_subject = self._by_subject
        for step in steps:
            _, _, _, _, subject, _, became = step
            line = by_subject.get(subject)
            if line is None:
                by_subject[subject] = [step]
            else:
                line.append(step)
            if became:
                self._origins[became] = step
            self._held += 1
