"""Senders and receivers over HTTP, killed at random: nothing is lost, nothing stays hidden, FIFO order is kept.

`FLEET_SECONDS=60` lets more of them work for longer.
"""

import asyncio
import json
import os
import socket
import struct
from collections import defaultdict
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.end_to_end.conftest import Server

SECONDS = float(os.environ.get("FLEET_SECONDS") or 1)
CLIENTS = 30 if os.environ.get("FLEET_SECONDS") else 8
VISIBILITY = 1
PATIENCE = 20
_ABORT = struct.pack("ii", 1, 0)


class Killed(Exception):
    """The client was killed before it read its answer."""


class Client:
    """A client that now and then is killed in the middle of a request; another takes its place."""

    def __init__(self, url: str, account: str, random: Random) -> None:
        address = urlsplit(url)
        self._address = (address.hostname, address.port)
        self._account = account
        self._random = random
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.deaths = 0

    async def ask(self, operation: str, **params: Any) -> Any:
        """Make a request; raise Killed if it was not read to its end whether the server has carried it out."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        whole = self._request(operation, params)
        fate = self._random.random()
        if fate < 0.05:  # in the middle of the request
            writer.write(whole[: self._random.randrange(len(whole))])
            self.kill()
            raise Killed
        writer.write(whole)
        if fate < 0.1:  # while it is carried out, or waits
            await asyncio.sleep(self._random.choice([0, 0, 0.001, 0.02, 0.1]))
            self.kill()
            raise Killed
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        assert head.startswith(b"http/1.1 200 "), body
        return json.loads(body or b"{}")

    def _request(self, operation: str, params: dict[str, Any]) -> bytes:
        body = json.dumps(params)
        credential = f"AWS4-HMAC-SHA256 Credential={self._account}/20260101/us-east-1/sqs/aws4_request"
        return (
            f"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: {credential}\r\n"
            f"X-Amz-Target: AmazonSQS.{operation}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def kill(self) -> None:
        """Break the connection off with a reset, as a process that dies does."""
        self.deaths += 1
        self.close(_ABORT)

    def close(self, linger: bytes | None = None) -> None:
        if self._streams is not None:
            writer = self._streams[1]
            if linger is not None:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            self._streams = None


class Fleet:
    """What its senders were told that they had sent, and what its receivers received, in order."""

    def __init__(self, url: str, account: str, queue: str) -> None:
        self._url, self._account, self.queue = url, account, queue
        self.fifo = queue.endswith(".fifo")
        self.sent: dict[int, list[int]] = defaultdict(list)
        self.tried: dict[int, int] = {}
        self.received: dict[int, list[int]] = defaultdict(list)
        self.working = True
        self.deaths = 0

    def client(self, seed: int) -> Client:
        return Client(self._url, self._account, Random(seed))

    async def send(self, group: int) -> None:
        """Send numbers one by one; those of a FIFO queue again until an answer is read, which sends none twice."""
        client, number = self.client(group), 0
        while self.working:
            self.tried[group] = number
            params: dict[str, Any] = {"QueueUrl": self.queue, "MessageBody": json.dumps([group, number])}
            if self.fifo:
                params |= {"MessageGroupId": str(group), "MessageDeduplicationId": f"{group}-{number}"}
            with suppress(Killed):
                await client.ask("SendMessage", **params)
                self.sent[group].append(number)
                number += 1
                continue
            number += not self.fifo
        self._bury(client)

    async def receive(self, seed: int) -> None:
        """Receive, note and delete. One who is killed in between deletes nothing: the messages come again."""
        client = self.client(-seed)
        while self.working:
            with suppress(Killed):
                await self._receive_once(client)
        self._bury(client)

    async def _receive_once(self, client: Client, seconds: int = 1) -> bool:
        params = {"QueueUrl": self.queue, "MaxNumberOfMessages": 5, "WaitTimeSeconds": seconds}
        messages = (await client.ask("ReceiveMessage", **params)).get("Messages", [])
        for message in messages:
            group, number = json.loads(message["Body"])
            self.received[group].append(number)
        entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
        if entries:
            await client.ask("DeleteMessageBatch", QueueUrl=self.queue, Entries=entries)
        return bool(entries)

    async def drain(self) -> None:
        """Receive what is left: what the dead took is there again once its visibility timeout is over."""
        client = Client(self._url, self._account, _Immortal())
        while await self._receive_once(client, seconds=VISIBILITY + 1):
            pass
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = await client.ask("GetQueueAttributes", QueueUrl=self.queue, AttributeNames=names)
        assert answer["Attributes"] == dict.fromkeys(names, "0")
        client.close()

    def _bury(self, client: Client) -> None:
        self.deaths += client.deaths
        client.close()


class _Immortal(Random):
    def random(self) -> float:
        return 1.0


async def work(fleet: Fleet) -> None:
    workers = [
        *(fleet.send(number) for number in range(1, CLIENTS + 1)),
        *(fleet.receive(number) for number in range(1, CLIENTS + 1)),
    ]
    tasks = [asyncio.ensure_future(worker) for worker in workers]
    await asyncio.sleep(SECONDS)
    fleet.working = False
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    await fleet.drain()


async def make(server: Server, account: str, name: str, **attributes: str) -> Fleet:
    fleet = Fleet(server.url, account, name)
    client = Client(server.url, account, _Immortal())
    settings = {"VisibilityTimeout": str(VISIBILITY), **attributes}
    await client.ask("CreateQueue", QueueName=name, Attributes=settings)
    client.close()
    return fleet


async def test_a_fleet_whose_clients_are_killed_loses_nothing(server: Server, account: str) -> None:
    fleet = await make(server, account, "q")
    await work(fleet)

    assert fleet.deaths > CLIENTS
    for group, numbers in fleet.sent.items():
        assert set(numbers) <= set(fleet.received[group])
        assert max(fleet.received[group]) <= fleet.tried[group]


async def test_a_fleet_whose_clients_are_killed_keeps_the_order_of_a_fifo_queue(
    server: Server, account: str
) -> None:
    fleet = await make(server, account, "q.fifo", FifoQueue="true")
    await work(fleet)

    assert fleet.deaths > CLIENTS
    for group, numbers in fleet.sent.items():
        assert numbers == list(range(len(numbers)))
        assert set(numbers) <= set(fleet.received[group])
        assert max(fleet.received[group]) <= fleet.tried[group]
        _in_order(fleet.received[group])


def _in_order(numbers: list[int]) -> None:
    """Assert that each number is either new, and then the next one, or a repetition of the latest ones."""
    latest = -1
    for number in numbers:
        assert number <= latest + 1
        latest = max(latest, number)
