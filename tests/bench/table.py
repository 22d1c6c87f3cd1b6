"""One row of the benchmark table: what was measured, against which budget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: float
    budget: float | None
    """None: it is only told."""
    unit: str = ""
    at_least: bool = True

    @property
    def holds(self) -> bool:
        if self.budget is None:
            return True
        return self.measured >= self.budget if self.at_least else self.measured <= self.budget

    def __str__(self) -> str:
        told = f"{self.what:<62} {self.measured:>9.2f}{self.unit:<4}"
        if self.budget is None:
            return told.rstrip()
        bound = "at least" if self.at_least else "at most"
        verdict = "holds" if self.holds else "MISSED"
        return f"{told} {bound} {self.budget:g}{self.unit:<4} {verdict}"
