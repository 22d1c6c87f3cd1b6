"""Writes the README's coverage table from the registries of operations; `--check` only says whether it is stale."""

import re
import sys
from pathlib import Path

from pocketbus.apis.services import SERVICES

README = Path(__file__).parent.parent / "README.md"
_NAMES = {
    "sqs": "SQS",
    "sns": "SNS",
    "events": "EventBridge",
    "scheduler": "Scheduler",
    "lambda": "Lambda",
    "sts": "STS",
}
_TABLE = re.compile(r"(<!-- coverage:.*?-->\n).*?(<!-- end of coverage -->)", re.DOTALL)


def table() -> str:
    """Return the Markdown table of every service's operations."""
    rows = ["| Service | Operations | Implemented | Not yet |", "|---|---|---|---|"]
    for service in SERVICES:
        coverage = service.coverage()
        total = len(coverage.implemented) + len(coverage.unimplemented)
        cells = [
            _NAMES[service.name],
            f"{len(coverage.implemented)} of {total}",
            ", ".join(coverage.implemented),
            ", ".join(coverage.unimplemented) or "-",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def with_table(readme: str) -> str:
    return _TABLE.sub(lambda match: match[1] + table() + match[2], readme)


def main() -> int:
    current = README.read_text(encoding="utf-8")
    fresh = with_table(current)
    if "--check" in sys.argv[1:]:
        return 0 if fresh == current else 1
    README.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
