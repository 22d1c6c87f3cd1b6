"""Prints the table of speeds and sizes, measured now on this machine, each beside its budget.

Throughput is in answers a second over 16 connections, server and client each on a core of its own; depth, memory and
rules are measured without HTTP. `make bench ONLY="http memory"` measures some of the parts only. The exit status is 1
where a budget is missed.
"""

import os
import sys
from collections.abc import Callable, Mapping

from tests.bench import (
    bench_cluster,
    bench_crowds,
    bench_cycles,
    bench_end,
    bench_events,
    bench_functions,
    bench_http,
    bench_inspector,
    bench_journal,
    bench_logs,
    bench_memory,
    bench_paths,
    bench_pauses,
    bench_rules,
    bench_schedules,
    bench_sns,
    bench_sockets,
    bench_sqs_depth,
    bench_start,
)
from tests.bench.table import Row

PARTS: Mapping[str, Callable[[], list[Row]]] = {
    "http": bench_http.rows,
    "cycles": bench_cycles.rows,
    "crowds": bench_crowds.rows,
    "paths": bench_paths.rows,
    "memory": bench_memory.rows,
    "pauses": bench_pauses.rows,
    "depth": bench_sqs_depth.rows,
    "sns": bench_sns.rows,
    "events": bench_events.rows,
    "rules": bench_rules.rows,
    "schedules": bench_schedules.rows,
    "functions": bench_functions.rows,
    "logs": bench_logs.rows,
    "inspector": bench_inspector.rows,
    "start": bench_start.rows,
    "sockets": bench_sockets.rows,
    "end": bench_end.rows,
    "journal": bench_journal.rows,
    "cluster": bench_cluster.rows,
}


def main() -> int:
    chosen = os.environ.get("ONLY", "").split() or list(PARTS)
    unknown = [part for part in chosen if part not in PARTS]
    if unknown or sys.argv[1:]:
        wrong = f"There is no part {unknown[0]}. " if unknown else ""
        print(f'{wrong}ONLY="..." measures some of the parts: {", ".join(PARTS)}.')
        return 2
    holds = True
    for part in chosen:
        for row in PARTS[part]():
            print(row, flush=True)
            holds = holds and row.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
