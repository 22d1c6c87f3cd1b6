"""One row of the benchmark table: what was measured, against which budget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: float
    budget: float
    unit: str = ""
    at_least: bool = True

    @property
    def holds(self) -> bool:
        return self.measured >= self.budget if self.at_least else self.measured <= self.budget

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.what:<62} {self.measured:>9.2f}{self.unit:<4} {bound} {self.budget:g}{self.unit:<4} {verdict}"
