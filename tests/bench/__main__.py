"""Prints the table of speeds and sizes, measured now on this machine."""

import sys

from tests.bench import bench_http


def main() -> int:
    rows = bench_http.rows()
    for row in rows:
        print(row)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
