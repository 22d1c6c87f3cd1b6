"""A long text about one instant, written while everybody else goes on.

What takes no longer than a slice is written at once. For the rest the process is forked: the child has the state as it
was at that instant, writes into a pipe and ends; here nothing but the fork itself takes time, some 50 ms a gigabyte.
Where there is no fork, or where other threads might be about to change what they share with the child (only the main
thread of a server may fork), it is all written at once, and others wait.
"""

import asyncio
import gc
import os
import signal
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Final, NoReturn

from pocketbus.emulator.turns import SLICE_SECONDS

_CHUNK: Final = 256 * 1024

Write = Callable[[], Iterator[bytes]]


class CutError(RuntimeError):
    """The text could not be written; there is more about it in the log."""


async def written(write: Write, *, short: bool = True) -> AsyncIterator[bytes]:
    """Yield what is written about this instant, in chunks; `short` says that it may be a matter of milliseconds."""
    at_once = _at_once(write) if short or not _may_fork() else None
    if at_once is not None:
        for chunk in at_once:
            yield chunk
        return
    pid, pipe = _fork(write)
    try:
        async for chunk in _read(pipe):
            yield chunk
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _reap(pid)
        raise
    status = _reap(pid)
    if status:
        raise CutError(f"the child ended with status {status}")


def _reap(pid: int) -> int:
    """Return the status of the child, which is ending: it has closed its pipe, or was killed."""
    return os.waitpid(pid, 0)[1]


def _at_once(write: Write) -> list[bytes] | None:
    """Write it here and now; None: it takes too long and there is another way."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_SECONDS if _may_fork() else float("inf")
    chunks = []
    for chunk in in_chunks(write()):
        if loop.time() > until:
            return None
        chunks.append(chunk)
    return chunks


def _may_fork() -> bool:
    return hasattr(os, "fork") and threading.current_thread() is threading.main_thread()


def in_chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Put lines together, so that each chunk is worth its way."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _fork(write: Write) -> tuple[int, int]:
    """Have a child write; return its number, and the end of the pipe to read."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python warns of locks that other threads may hold: the child takes none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _be_the_child(write, writing)
    os.close(writing)
    return pid, reading


def _be_the_child(write: Write, writing: int) -> NoReturn:
    status = 1
    try:
        # Nothing of the parent's may be kept open by the child, nor ended in its way.
        os.closerange(3, writing)
        os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        gc.disable()
        for chunk in in_chunks(write()):
            view = memoryview(chunk)
            while view:
                view = view[os.write(writing, view) :]
        status = 0
    except Exception as error:  # noqa: BLE001 - the parent hears of the status only
        os.write(2, f"pocketbus: the state could not be written: {error}\n".encode())
    finally:
        os._exit(status)


async def _read(pipe: int) -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader(limit=_CHUNK)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    try:
        while chunk := await reader.read(_CHUNK):
            yield chunk
    finally:
        transport.close()
