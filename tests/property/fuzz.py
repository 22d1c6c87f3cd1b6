"""How many cases the property tests try: few in a usual run, as many as FUZZ_CASES says in `make fuzz`."""

import os


def cases(few: int) -> int:
    return int(os.environ.get("FUZZ_CASES") or few)
