"""Requests on the engine of a writer: none is answered before the log has what the answer tells of."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pocketbus.apis.app import App
from pocketbus.apis.call import Headers
from pocketbus.apis.codec.answer import Answer
from pocketbus.cluster.forwarding import break_off
from pocketbus.cluster.journal import ClusterJournal, LostError
from pocketbus.cluster.unavailable import unavailable

ANSWER_SECONDS: Final = 3.5
"""A request that is carried out and not acknowledged by then is answered with an error: it may be done or not."""


class Running:
    """The application of a writer."""

    def __init__(self, app: App, journal: ClusterJournal) -> None:
        self._app = app
        self._journal = journal
        self._tasks: set[asyncio.Task[object]] = set()

    def answer(self, scope: Scope, headers: Headers, receive: Receive, body: bytes) -> ASGIApp:
        """Carry a whole request out; what is returned answers it when the log has it."""
        if self._journal.refuses:
            return unavailable(scope)
        answer = self._app.answer(scope, headers, receive, body)
        return answer if isinstance(answer, Answer) and self._journal.is_safe else _Kept(self, answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.run(self._app, scope, receive, send)

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application answer, each piece when all that it may tell of is safe."""
        journal, started = self._journal, False

        async def keep(message: Message) -> None:
            nonlocal started
            if not journal.is_safe:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await journal.safe()
            started = True
            await send(message)

        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a request is answered outside of a task")
        self._tasks.add(task)
        try:
            await app(scope, receive, keep)
        except (LostError, TimeoutError):
            await _give_up(scope, receive, send, started=started)
        except asyncio.CancelledError:
            if not journal.lost:
                raise
            task.uncancel()
            await _give_up(scope, receive, send, started=started)
        finally:
            self._tasks.discard(task)

    async def ended(self) -> None:
        """Wait until all that is under way is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def end(self) -> None:
        """Answer whatever is not answered with an error: somebody else writes the log."""
        for task in self._tasks:
            task.cancel()


class _Kept:
    """An answer that waits for the log."""

    def __init__(self, running: Running, answer: ASGIApp) -> None:
        self._running = running
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._running.run(self._answer, scope, receive, send)


async def _give_up(scope: Scope, receive: Receive, send: Send, *, started: bool) -> None:
    """Answer with an error or, where an answer has begun, break the connection off."""
    if not started:
        await unavailable(scope)(scope, receive, send)
    else:
        break_off(scope)
