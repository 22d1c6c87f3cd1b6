"""Outgoing HTTP: one request, its answer, and the failures of the way there. Never to where it is not allowed.

What an answer means is its gateway's affair. aiohttp is imported when the first request is made.
"""

import asyncio
import socket
from asyncio import Semaphore, timeout
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from pocketbus.emulator.component import Component
from pocketbus.emulator.deliveries.failures import TargetRefused, TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from aiohttp.abc import AbstractResolver, ResolveResult
    from yarl import URL

ANSWER_BYTES = 64 * 1024
"""How much of an answer's body is read, if nothing else is said."""

_CONCURRENT_REQUESTS = 100
_CONNECT_SECONDS = 5

_NEARBY = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "::1/128",
            "fc00::/7",
        ),
    )
)


class HttpClient(Component):
    """Asks at loopback and private addresses; with `anywhere`, at all. Redirects are not followed."""

    def __init__(self, *, anywhere: bool) -> None:
        self._anywhere = anywhere
        self._session: ClientSession | None = None
        self._slots = Semaphore(_CONCURRENT_REQUESTS)

    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        answer_seconds: float,
        most: int = ANSWER_BYTES,
    ) -> HttpAnswer:
        """Make one request, and read `most` bytes of its answer.

        Raise TargetUnreachable, TargetTimedOut, or TargetRefused for where it may not go.
        """
        from aiohttp import ClientError, InvalidURL, NonHttpUrlClientError  # noqa: PLC0415 - as above
        from yarl import URL  # noqa: PLC0415 - as above

        session = self._open()
        try:
            address = URL(url, encoded=True)
            self._check_literal(address.host or "")
            async with self._slots, timeout(answer_seconds):
                return await _ask(session, method, address, headers, body, most)
        except TimeoutError as error:
            raise TargetTimedOut(f"no answer within {answer_seconds:g} seconds") from error
        except (InvalidURL, NonHttpUrlClientError, ValueError) as error:
            raise TargetRefused(f"{url} is no URL: {error}") from error
        except (ClientError, OSError) as error:
            raise TargetUnreachable(f"no connection: {error}") from error

    async def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> "ClientSession":
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector  # noqa: PLC0415 - as above

        if self._session is None:
            connector = TCPConnector(resolver=_resolver(self._check), limit=0, use_dns_cache=False)
            limits = ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
            self._session = ClientSession(connector=connector, timeout=limits, cookie_jar=DummyCookieJar())
            self._slots = Semaphore(_CONCURRENT_REQUESTS)
        return self._session

    def _check_literal(self, host: str) -> None:
        """Check a host that is an address by itself: no resolver sees it."""
        try:
            ip_address(host)
        except ValueError:
            return
        self._check(host)

    def _check(self, address: str) -> None:
        if not self._anywhere and not is_nearby(address):
            raise TargetRefused(
                f"{address} is no loopback or private address; the option outgoing allows it: anywhere"
            )


def is_nearby(address: str) -> bool:
    """Tell the addresses of this machine and its private networks from all others.

    >>> [is_nearby(address) for address in ("127.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "8.8.8.8")]
    [True, True, False, False]
    """
    parsed: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    return any(parsed in network for network in _NEARBY)


async def _ask(
    session: "ClientSession", method: str, url: "URL", headers: Mapping[str, str], body: bytes, most: int
) -> HttpAnswer:
    async with session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
        chunks: list[bytes] = []
        size = 0
        while size < most and (chunk := await answer.content.read(most - size)):
            chunks.append(chunk)
            size += len(chunk)
        names = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status, names, b"".join(chunks))


def _resolver(check: Callable[[str], None]) -> "AbstractResolver":
    """Make a resolver whose answers are checked: what was checked is what is connected to."""
    from aiohttp.abc import AbstractResolver  # noqa: PLC0415 - as above

    class CheckedResolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> "list[ResolveResult]":
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, family=family, type=socket.SOCK_STREAM
            )
            for _, _, _, _, address in found:
                check(str(address[0]))
            return [
                {
                    "hostname": host,
                    "host": str(address[0]),
                    "port": int(address[1]),
                    "family": kind,
                    "proto": protocol,
                    "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                }
                for kind, _, protocol, _, address in found
            ]

        async def close(self) -> None:
            pass

    return CheckedResolver()
