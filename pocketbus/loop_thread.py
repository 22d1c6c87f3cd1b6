"""An event loop in a thread of its own, which other threads and other event loops hand coroutines to."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, TypeVar

T = TypeVar("T")

_ANSWER_SECONDS = 60
_END_SECONDS = 1


class LoopThread:
    """An event loop in a thread, with `life` as its main task; what was handed over before the end is finished."""

    def __init__(self, life: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._life = life
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main()), name="pocketbus", daemon=True
        )
        self._ready = threading.Event()

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def run(self, function: Callable[[], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        """Await a coroutine function on the loop; it is cancelled when the calling thread is interrupted."""
        seconds = _ANSWER_SECONDS if seconds is None else seconds
        future = self._submit(function)
        try:
            wait([future], seconds)
            if future.done():
                return future.result()
        finally:
            future.cancel()
        raise TimeoutError(
            f"The emulator has not answered for {seconds:g} seconds; "
            "is this a long poll under a frozen clock that nobody moves?"
        )

    async def run_async(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the same from another event loop, which goes on meanwhile."""
        return await asyncio.wrap_future(self._submit(function))

    def stop(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _submit(self, function: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        # Under the lock, so that nothing is handed to a loop after it was told to stop.
        with self._lock:
            if self._loop is None:
                raise RuntimeError("The emulator runs only inside its with block.")
            return asyncio.run_coroutine_threadsafe(function(), self._loop)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._life(self._stop)
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        if unfinished:
            await asyncio.wait(unfinished, timeout=_END_SECONDS)
