"""The clients of a cluster: each goes to another node when one does not answer, and knows how long it had to wait."""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import cycle

from tests.end_to_end.crash import Client, Crowd, GoneError

PATIENCE_SECONDS = 6.0
"""So long a client waits for a node before it asks another one: longer than any node lets it."""
_PAUSE_SECONDS = 0.05


class ClusterCrowd(Crowd):
    """Sixteen clients of several nodes, by host and port."""

    def __init__(
        self, number: int, nodes: Sequence[tuple[str, int]], patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        super().__init__(number)
        self.longest_seconds = 0.0
        """The longest that one of them was without an answer, from when it first asked."""
        self.answers = 0
        self.failures: list[BaseException] = []
        self._nodes = nodes
        self._patience_seconds = patience_seconds
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._ending.clear()
        self._threads = [
            threading.Thread(target=self._work_on, args=(step, number))
            for number, step in enumerate(self.steps())
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End them, each with its last answer."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Do the same. Raise what one of them has failed with."""
        self.end()
        if self.failures:
            raise self.failures[0]

    def forget_waits(self) -> float:
        """Return the longest wait so far, and begin anew."""
        longest, self.longest_seconds = self.longest_seconds, 0.0
        return longest

    def _work_on(self, step: Callable[[Client], None], number: int) -> None:
        nodes = cycle([*self._nodes[number % len(self._nodes) :], *self._nodes[: number % len(self._nodes)]])
        client = self._connected(*next(nodes))
        try:
            asked_at = time.monotonic()
            while not self._ending.is_set():
                try:
                    step(client)
                except GoneError:
                    client.close()
                    self._ending.wait(_PAUSE_SECONDS)
                    client = self._connected(*next(nodes))
                    continue
                now = time.monotonic()
                self.longest_seconds = max(self.longest_seconds, now - asked_at)
                self.answers += 1
                asked_at = now
        except BaseException as error:  # noqa: BLE001 - told to who ends them
            self.failures.append(error)
        finally:
            client.close()

    def _connected(self, host: str, port: int) -> Client:
        return Client(port, host, self._patience_seconds)
