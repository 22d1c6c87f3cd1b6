"""Outgoing HTTP: one request, its answer, and the failures of the way there. Never to where it is not allowed.

What an answer means is its gateway's affair. aiohttp is imported when the first request is made.
"""

import socket
from asyncio import timeout
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from pocketbus.emulator.component import Component
from pocketbus.emulator.deliveries.failures import TargetRefused, TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.deliveries.slots import Slots
from pocketbus.emulator.door import Door

if TYPE_CHECKING:
    from aiohttp import AddrInfoType, ClientSession
    from yarl import URL

ANSWER_BYTES = 64 * 1024
"""How much of an answer's body is read, if nothing else is said."""

TARGET_REQUESTS, ALL_REQUESTS = 16, 256
"""How many requests are made at a time, to one host and port and in all: one that hangs holds nobody else up."""

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
METADATA = {
    "fd00:ec2::/32": "Amazon: instances, pods, time, names",
    "fd20:ce::/32": "Google Cloud",
    "fd00:c1::/32": "Oracle Cloud",
    "fd00:42::/32": "Scaleway",
    "fd00:a9fe:a9fe::/48": "Akamai",
    "100.100.100.200/32": "Alibaba Cloud",
}
"""Private addresses at which clouds tell a machine its credentials. 169.254.169.254 and its like are not private."""

_METADATA = tuple(map(ip_network, METADATA))


class HttpClient(Component):
    """Asks at loopback and private addresses; with `anywhere`, at all. Redirects are not followed."""

    def __init__(self, door: Door, *, anywhere: bool) -> None:
        self._door = door
        self._anywhere = anywhere
        self._session: ClientSession | None = None
        self._slots = Slots(TARGET_REQUESTS, ALL_REQUESTS)

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
        answer: HttpAnswer = await self._door.outside(
            self._request(method, url, headers, body, answer_seconds, most)
        )
        return answer

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, answer_seconds: float, most: int
    ) -> HttpAnswer:
        from aiohttp import ClientError, InvalidURL, NonHttpUrlClientError  # noqa: PLC0415 - as above
        from yarl import URL  # noqa: PLC0415 - as above

        session = self._open()
        try:
            address = URL(url, encoded=True)
            async with self._slots.of((address.host, address.port)), timeout(answer_seconds):
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
        from aiohttp import (  # noqa: PLC0415 - as above
            ClientSession,
            ClientTimeout,
            DummyCookieJar,
            TCPConnector,
            ThreadedResolver,
        )

        if self._session is None:
            connector = TCPConnector(
                limit=0,
                resolver=ThreadedResolver(),
                use_dns_cache=False,
                happy_eyeballs_delay=None,  # one address after the other, so that a refusal is the answer
                socket_factory=self._socket,
            )
            limits = ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
            self._session = ClientSession(connector=connector, timeout=limits, cookie_jar=DummyCookieJar())
            self._slots = Slots(TARGET_REQUESTS, ALL_REQUESTS)
        return self._session

    def _socket(self, target: "AddrInfoType") -> socket.socket:
        """Make the socket that is connected next, to just this address: whatever its name means a moment later."""
        family, kind, protocol, _, (host, *_) = target
        if not self._anywhere and not is_nearby(str(host)):
            raise TargetRefused(
                f"{host} is no loopback or private address; the option outgoing allows it: anywhere"
            )
        return socket.socket(family, kind, protocol)


def is_nearby(address: str) -> bool:
    """Tell the addresses of this machine and its private networks from all others, and from clouds' metadata.

    >>> [is_nearby(address) for address in ("127.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "8.8.8.8")]
    [True, True, False, False]
    """
    parsed: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    return any(parsed in one for one in _NEARBY) and not any(parsed in one for one in _METADATA)


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
