"""Where the time of each work goes, by layer: a sample of who is at it, every millisecond of processor time.

`python -m tests.bench.layers` prints for each work what part of its samples was taken in each layer, and the functions
with the most of them. A socket has no part in it; `bench_http.py` has.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from time import process_time
from types import FrameType

from pocketbus.apis.codec.answer import Answer
from tests.bench.paths import Paths

SECONDS = 1.5
_EVERY_SECONDS = 0.001
_MOST_FUNCTIONS = 8

# The first that a function's file contains names its layer; what is of none belongs to whoever calls it.
LAYERS = {
    "apis/app.py": "guard",
    "apis/guard.py": "guard",
    "apis/dispatch.py": "dispatch",
    "apis/endpoint.py": "dispatch",
    "apis/service.py": "dispatch",
    "apis/call.py": "dispatch",
    "apis/requests.py": "counting",
    "codec/validate.py": "validate",
    "codec/": "codec",
    "apis/": "operation",
    "inspection/": "trace",
    "emulator/ids.py": "ids",
    "emulator/": "engine",
    "rules/": "rules",
}


def layer_of(file: str) -> str | None:
    return next((layer for part, layer in LAYERS.items() if part in file), None)


def sampled(work: Callable[[], Answer]) -> tuple[Counter[str], Counter[str]]:
    """Carry a work out again and again; count the samples by layer, and by function."""
    layers: Counter[str] = Counter()
    functions: Counter[str] = Counter()

    def sample(_signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            layer = layer_of(frame.f_code.co_filename)
            if layer is not None:
                layers[layer] += 1
                functions[frame.f_code.co_qualname] += 1
                return
            frame = frame.f_back

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    end = process_time() + SECONDS
    while process_time() < end:
        work()
    signal.setitimer(signal.ITIMER_PROF, 0)
    return layers, functions


async def main() -> None:
    for name, work in Paths().works.items():
        layers, functions = sampled(work)
        print(f"{name}: {_shares(layers, len(LAYERS))}\n    {_shares(functions, _MOST_FUNCTIONS)}")


def _shares(counts: Counter[str], most: int) -> str:
    return ", ".join(f"{name} {count / counts.total():.0%}" for name, count in counts.most_common(most))


if __name__ == "__main__":
    asyncio.run(main())
