"""Writes the README's coverage table and the schema of seeds; `--check` only says whether they are stale."""

import json
import re
import sys
from pathlib import Path

from pocketbus.apis.seeds.schema import seed_schema
from pocketbus.apis.services import SERVICES

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
SCHEMA = PROJECT / "docs" / "seed.schema.json"
_NAMES = {
    "sqs": "SQS",
    "sns": "SNS",
    "events": "EventBridge",
    "scheduler": "Scheduler",
    "lambda": "Lambda",
    "pipes": "Pipes",
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
    fresh = {
        README: with_table(README.read_text(encoding="utf-8")),
        SCHEMA: json.dumps(seed_schema(), indent=2) + "\n",
    }
    stale = {
        path: text for path, text in fresh.items() if not path.exists() or path.read_text("utf-8") != text
    }
    if "--check" in sys.argv[1:]:
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
